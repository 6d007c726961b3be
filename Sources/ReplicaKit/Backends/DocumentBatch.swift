/// Raw BSON documents, one after the other in one buffer, as servers send them and files hold them.
///
/// Nothing is decoded: a batch can be hashed, compressed, written or sent as it is, and walked where needed.
public struct DocumentBatch: Sendable {
    /// The documents' bytes, without gaps.
    public private(set) var bytes: [UInt8]
    /// How many documents there are.
    public private(set) var count: Int

    /// Creates an empty batch.
    public init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
        count = 0
    }

    /// Creates a batch from bytes of which the caller knows that they are `count` framed documents.
    ///
    /// The frames are checked again when the batch is walked, so a wrong promise ends in an error, never in a crash.
    public init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }

    /// Adds a document.
    public mutating func append(_ document: BSONDocument) {
        bytes.append(contentsOf: document.bytes)
        count += 1
    }

    /// Whether there are no documents.
    public var isEmpty: Bool { count == 0 }
}
