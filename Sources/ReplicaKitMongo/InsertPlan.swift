import ReplicaKit

/// What a server takes at once, from its answer to `hello`.
struct ServerLimits: Sendable, Equatable {
    /// The longest document.
    var documentBytes = 16 * 1024 * 1024
    /// The most documents in one command.
    var documents = 100_000

    init() {}

    /// Reads the limits, and keeps the usual ones where the answer has none.
    init(_ hello: BSONDocument) {
        if let bytes = hello["maxBsonObjectSize"]?.intValue, bytes > 0 { documentBytes = bytes }
        if let count = hello["maxWriteBatchSize"]?.intValue, count > 0 { documents = count }
    }
}

/// Cuts raw documents into `insert` commands that a server takes.
///
/// The commands are made here because libmongoc's bulk inserts put an `_id` into documents that have none. The server
/// does the same to what a user inserts, but not everywhere, and it is the server that must decide.
struct InsertPlan {
    /// What a command may have beyond the longest document: its other fields, and the keys of the array.
    private static let room = 16 * 1024

    private let documents: ArraySlice<UInt8>
    private let header: BSONDocument
    private let limits: ServerLimits
    private var offset: Int
    private var index = 0

    init(_ documents: DocumentBatch, into namespace: Namespace, options: InsertOptions, limits: ServerLimits) throws {
        var header: BSONDocument = ["insert": .string(namespace.collection), "ordered": .bool(options.ordered)]
        if let writeConcern = options.writeConcern { header.append("writeConcern", .document(writeConcern)) }
        if options.bypassDocumentValidation { header.append("bypassDocumentValidation", true) }
        self.documents = documents.bytes[...]
        self.header = header
        self.limits = limits
        offset = self.documents.startIndex
        try LibMongoCConnection.check(database: namespace.database)
    }

    /// The next command; `nil` after the last document.
    mutating func next() throws -> BSONDocument? {
        guard offset < documents.endIndex else { return nil }
        let end = try endOfNextPart()
        var writer = BSONWriter(capacity: end - offset + Self.room)
        writer.append(contentsOf: header)
        try writer.appendArray(forKey: "documents") { writer in
            while offset < end {
                let document = try documentAtOffset()
                writer.append(.document(document))
                offset += document.byteCount
            }
        }
        return writer.finish()
    }

    /// Where the documents end that go into the next command.
    private mutating func endOfNextPart() throws -> Int {
        let start = offset
        defer { offset = start }
        // Each element has a type, a key of at most six digits and a NUL around its document.
        var (bytes, count) = (header.byteCount + 32, 0)
        while offset < documents.endIndex, count < limits.documents {
            let length = try documentAtOffset().byteCount
            if length > limits.documentBytes {
                throw ReplicaKitError(
                    .invalidArgument,
                    "document \(index + 1) has \(length) bytes, and the server takes \(limits.documentBytes)"
                )
            }
            bytes += length + 8
            if count > 0, bytes > limits.documentBytes { break }
            offset += length
            count += 1
            index += 1
        }
        return offset
    }

    private func documentAtOffset() throws -> BSONDocument {
        let rest = documents[offset...]
        let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        do {
            return try BSONDocument(framed: rest.prefix(length))
        } catch {
            throw ReplicaKitError(
                .invalidBSON,
                "the documents to insert are not framed at byte \(offset): \(error)",
                cause: error
            )
        }
    }
}
