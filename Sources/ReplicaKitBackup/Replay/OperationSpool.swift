import ReplicaKit

/// The operations of one transaction, in their order: in memory, or in a file when there are too many.
struct OperationSpool: Sendable {
    private(set) var count = 0
    /// How many bytes of them are in memory.
    private(set) var bytes = 0
    private var held: [BSONDocument] = []
    private var file: SpoolFile?

    /// Adds operations, in memory.
    mutating func append(_ operations: [BSONDocument]) {
        held += operations.map { $0.detached() }
        bytes += operations.reduce(0) { $0 + $1.byteCount }
        count += operations.count
    }

    /// Moves what is in memory to a file.
    mutating func spill() async throws {
        guard !held.isEmpty else { return }
        let file =
            if let file { file } else { try await onBackgroundThread { try SpoolFile() } }
        self.file = file
        let content = held.reduce(into: [UInt8]()) { $0 += $1.bytes }
        try await onBackgroundThread { try file.append(content) }
        (held, bytes) = ([], 0)
    }

    /// Reads them from the first on, once all are there.
    func reader() -> Reader { Reader(file: file, held: held) }

    /// Reads operations in pieces, so that those in a file need little memory.
    struct Reader {
        private let file: SpoolFile?
        private let held: [BSONDocument]
        private var framer = DocumentFramer(file: SpoolFile.description)
        private var offset = 0
        private var hasEnded = false

        private static let pieceBytes = 1 << 20

        fileprivate init(file: SpoolFile?, held: [BSONDocument]) {
            (self.file, self.held) = (file, held)
        }

        /// The next operations; `nil` at the end.
        mutating func next() async throws -> [BSONDocument]? {
            while let file, !hasEnded {
                if let batch = try framer.next() { return try batch.documents() }
                let piece = try await onBackgroundThread { [offset] in
                    try file.read(at: offset, count: Self.pieceBytes)
                }
                offset += piece.count
                if !piece.isEmpty {
                    framer.push(piece)
                    continue
                }
                hasEnded = true
                guard let last = try framer.finish() else { return held }
                return try last.documents() + held
            }
            guard !hasEnded else { return nil }
            hasEnded = true
            return held
        }
    }
}
