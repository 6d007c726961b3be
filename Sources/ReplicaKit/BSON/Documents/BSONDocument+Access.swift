extension BSONDocument: Sequence {
    /// The keys and values of a document in order, each value decoded as it is reached.
    public struct Iterator: IteratorProtocol, Sendable {
        var reader: BSONReader

        /// Returns the next key and value; nil at the end, or in front of malformed bytes.
        public mutating func next() -> (key: String, value: BSONValue)? {
            guard let element = try? reader.next(), let value = try? element.value() else {
                return nil
            }
            return (element.key, value)
        }
    }

    /// Makes an iterator over keys and values.
    public func makeIterator() -> Iterator {
        Iterator(reader: reader())
    }
}

extension BSONDocument {
    /// Makes a reader at the first element, which reports malformed bytes and decodes only what it is asked for.
    public func reader() -> BSONReader {
        BSONReader(bytes)
    }

    /// The value of the first element with the key, or nil when there is none.
    /// - Throws: ``BSONError`` when the document is malformed up to and including that value.
    public func value(forKey key: String) throws(BSONError) -> BSONValue? {
        guard let slot = try slot(forKey: key) else { return nil }
        return try element(at: slot).value()
    }

    /// The value of the first element with the key, or nil when there is none or it is malformed.
    ///
    /// Assigning sets the value as ``set(_:for:)`` does; assigning nil removes every element with the key, while
    /// `.null` is a value like others.
    public subscript(key: String) -> BSONValue? {
        get {
            try? value(forKey: key)
        }
        set {
            if let newValue {
                set(newValue, for: key)
            } else {
                removeValue(forKey: key)
            }
        }
    }

    /// The value at the end of a path of keys, where the parts that lead through arrays are indexes, as in
    /// `config[path: "members", "0", "host"]`; nil when any part is missing.
    public subscript(path path: String...) -> BSONValue? {
        value(atPath: path)
    }

    /// The value at the end of a path of keys and array indexes; nil when any part is missing or the path is empty.
    public func value(atPath path: some Sequence<String>) -> BSONValue? {
        var current: BSONValue?
        var isFirst = true
        for part in path {
            switch current {
            case .document(let document): current = document[part]
            case .array(let array): current = Int(part).flatMap { array[$0] }
            case nil where isFirst: current = self[part]
            default: return nil
            }
            isFirst = false
        }
        return current
    }

    /// Whether an element with the key exists.
    public func contains(_ key: String) -> Bool {
        ((try? slot(forKey: key)) ?? nil) != nil
    }

    /// The keys in order, repeated where they repeat.
    public var keys: [String] {
        var keys: [String] = []
        var reader = reader()
        while let element = try? reader.next() {
            keys.append(element.key)
        }
        return keys
    }

    /// The number of elements; counting walks over the document.
    public var count: Int {
        var count = 0
        var reader = reader()
        while (try? reader.next()) != nil {
            count += 1
        }
        return count
    }

    /// Whether there are no elements.
    public var isEmpty: Bool {
        bytes.count == BSONScanner.minimumDocumentLength
    }

    func slot(forKey key: String) throws(BSONError) -> BSONSlot? {
        var key = key
        let result: Result<BSONSlot?, BSONError> = key.withUTF8 { buffer in
            do throws(BSONError) {
                return .success(try BSONScanner.find(UnsafeRawBufferPointer(buffer).bytes, in: bytes.span.bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func element(at slot: BSONSlot) -> BSONElement {
        BSONElement(
            type: slot.type,
            bytes: bytes[(bytes.startIndex + slot.element)..<(bytes.startIndex + slot.end)],
            valueOffset: slot.value - slot.element,
            offset: slot.element
        )
    }
}
