/// A list of values in BSON's wire format.
///
/// On the wire an array is a document whose keys should be `"0"`, `"1"`, …: the keys are ignored when it is read and
/// correct when it is written.
public struct BSONArray: Sendable, Hashable {
    /// The array as the document that it is on the wire.
    public let document: BSONDocument

    /// Takes the values of a document for an array, whatever its keys.
    public init(document: BSONDocument) {
        self.document = document
    }

    /// Makes an empty array.
    public init() {
        document = BSONDocument()
    }

    /// Makes an array of values.
    public init(_ values: some Sequence<BSONValue>) {
        var writer = BSONWriter()
        for value in values {
            writer.append(value)
        }
        document = writer.finish()
    }

    /// The number of values; counting walks over the array.
    public var count: Int { document.count }

    /// Whether there are no values.
    public var isEmpty: Bool { document.isEmpty }

    /// The value at an index counted from 0, or nil when there is none.
    ///
    /// A lookup walks over the values in front of it; to visit them all, iterate.
    public subscript(index: Int) -> BSONValue? {
        guard index >= 0 else { return nil }
        var reader = document.reader()
        var position = 0
        while let element = try? reader.next() {
            if position == index {
                return try? element.value()
            }
            position += 1
        }
        return nil
    }
}

extension BSONArray: Sequence {
    /// The values of an array in order, each decoded as it is reached.
    public struct Iterator: IteratorProtocol, Sendable {
        var reader: BSONReader

        /// Returns the next value; nil at the end, or in front of malformed bytes.
        public mutating func next() -> BSONValue? {
            guard let element = try? reader.next() else { return nil }
            return try? element.value()
        }
    }

    /// Makes an iterator over the values.
    public func makeIterator() -> Iterator {
        Iterator(reader: document.reader())
    }
}

extension BSONArray: ExpressibleByArrayLiteral {
    /// Makes an array of the values written.
    public init(arrayLiteral elements: BSONValue...) {
        self.init(elements)
    }
}
