import Crypto
import ReplicaKit

/// Writes documents to a file of a backup: collected to frames, compressed, hashed, stored; bytes in, bytes out.
actor DumpFileWriter {
    private let name: String
    private let writer: any StoredObjectWriter
    private var compressor: ParallelCompressor
    private let writers: WriterCount?
    private let compression: BackupCompression
    private var hash = SHA256()
    private var frame: [UInt8] = []
    /// Pieces that are a frame each, and wait for others to be compressed with.
    private var pieces: [[UInt8]] = []
    private var bytes = 0
    private var documents = 0
    private var documentBytes = 0

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - name: Its name within the backup, without the suffix of the compression.
    ///   - folder: The backup's folder.
    ///   - writers: The files that are written beside this one; without it one frame is compressed at a time.
    init(
        _ name: String,
        in folder: String,
        of store: any BackupStore,
        compression: BackupCompression,
        level: Int? = nil,
        beside writers: WriterCount? = nil
    ) async throws {
        self.name = Self.stored(name, compression)
        self.compression = compression
        compressor = try ParallelCompressor(compression, level: level)
        self.writers = writers
        writer = try await store.write("\(folder)/\(self.name)")
    }

    /// The captured oplog's name, without a suffix.
    static let oplog = "oplog.bson"

    /// A file's name with what its compression adds to it.
    static func stored(_ name: String, _ compression: BackupCompression) -> String {
        // mongodump --gzip compresses the oplog and does not call it so, and mongorestore --gzip looks for that name.
        name == oplog && compression == .gzip ? name : name + compression.suffix
    }

    /// Adds documents.
    func write(_ batch: DocumentBatch) async throws {
        documents += batch.count
        documentBytes += batch.bytes.count
        if compression == .none { return try await put(batch.bytes) }
        var rest = batch.bytes[...]
        while !rest.isEmpty {
            if frame.isEmpty { frame.reserveCapacity(min(rest.count, BackupCompression.frameBytes)) }
            let piece = rest.prefix(BackupCompression.frameBytes - frame.count)
            frame += piece
            rest = rest.dropFirst(piece.count)
            guard frame.count == BackupCompression.frameBytes else { continue }
            pieces.append(frame)
            frame = []
            if pieces.count >= writers?.share ?? 1 { try await flush() }
        }
    }

    /// Compresses what waits, and writes it.
    private func flush() async throws {
        guard !pieces.isEmpty else { return }
        var compressor = compressor
        let frames = try await compressor.compress(pieces)
        self.compressor = compressor
        pieces = []
        for frame in frames { try await put(frame) }
    }

    private func put(_ piece: [UInt8]) async throws {
        hash.update(data: piece)
        bytes += piece.count
        try await writer.write(piece)
    }

    /// Ends the file and makes it durable.
    func finish() async throws -> BackupManifest.File {
        // An empty file is no gzip or zstd file.
        if !frame.isEmpty || (documents == 0 && documentBytes == 0 && compression != .none) { pieces.append(frame) }
        frame = []
        try await flush()
        try await writer.commit()
        return BackupManifest.File(
            name: name,
            bytes: bytes,
            sha256: Hexadecimal.text(of: hash.finalize()),
            documents: documents,
            documentBytes: documentBytes
        )
    }

    /// Drops the file.
    func cancel() async { await writer.cancel() }

    /// Writes a file at once.
    static func write(
        _ content: [UInt8],
        as name: String,
        in folder: String,
        of store: any BackupStore,
        compression: BackupCompression
    ) async throws -> BackupManifest.File {
        let file = try await DumpFileWriter(name, in: folder, of: store, compression: compression)
        do {
            try await file.write(DocumentBatch(bytes: content, count: 0))
            return try await file.finish()
        } catch {
            await file.cancel()
            throw error
        }
    }
}
