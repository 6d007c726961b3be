import ReplicaKit

/// Reads the documents of a dump's file, or of some ranges of an archive.
actor DumpFileReader: DocumentReader {
    /// Gives the next bytes of the content; `nil` at the end, which was checked.
    typealias Pieces = @Sendable () async throws -> [UInt8]?

    private let pieces: Pieces
    private var framer: DocumentFramer
    private var hasEnded = false

    init(_ name: String, _ pieces: @escaping Pieces) {
        self.pieces = pieces
        framer = DocumentFramer(file: name)
    }

    func next() async throws -> DocumentBatch? {
        while !hasEnded {
            if let batch = try framer.next() { return batch }
            guard let piece = try await pieces() else {
                hasEnded = true
                return try framer.finish()
            }
            framer.push(piece)
        }
        return nil
    }
}

/// The content of a file, decompressed.
actor FileContent {
    private let reader: any StoredObjectReader
    private let decompressor: FrameDecompressor
    private var hasEnded = false

    init(_ reader: any StoredObjectReader, _ compression: BackupCompression, file: String) throws {
        self.reader = reader
        decompressor = try FrameDecompressor(compression, file: file)
    }

    func next() async throws -> [UInt8]? {
        while !hasEnded {
            if let piece = try decompressor.next() { return piece }
            if let bytes = try await reader.next() {
                decompressor.push(bytes)
            } else {
                hasEnded = true
                try decompressor.finish()
            }
        }
        return nil
    }
}
