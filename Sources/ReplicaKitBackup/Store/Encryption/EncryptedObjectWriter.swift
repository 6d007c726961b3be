internal import ReplicaKit

/// Turns content into the bytes of an encrypted object.
struct ChunkSealer {
    private let cipher: ChunkCipher
    /// What is not sealed yet: up to a whole chunk, as that may be the last.
    private var pending: [UInt8] = []
    private var number = 0
    private var hasHeader = false

    init(_ cipher: ChunkCipher) { self.cipher = cipher }

    /// Takes content, and gives what can be written so far.
    mutating func seal(_ bytes: [UInt8]) throws -> [UInt8] {
        var sealed = header()
        pending += bytes
        var rest = pending[...]
        while rest.count > EncryptedFormat.chunkBytes {
            sealed += try cipher.seal(rest.prefix(EncryptedFormat.chunkBytes), number: number, isLast: false)
            number += 1
            rest = rest.dropFirst(EncryptedFormat.chunkBytes)
        }
        pending = Array(rest)
        return sealed
    }

    /// Gives the end of the object.
    mutating func finish() throws -> [UInt8] {
        try header() + cipher.seal(pending[...], number: number, isLast: true)
    }

    private mutating func header() -> [UInt8] {
        defer { hasHeader = true }
        return hasHeader ? [] : cipher.header
    }
}

/// Encrypts what is written, and hands it on.
actor EncryptedObjectWriter: StoredObjectWriter {
    private let writer: any StoredObjectWriter
    private var sealer: ChunkSealer

    init(_ writer: any StoredObjectWriter, _ cipher: ChunkCipher) {
        self.writer = writer
        sealer = ChunkSealer(cipher)
    }

    func write(_ bytes: [UInt8]) async throws {
        let sealed = try sealer.seal(bytes)
        if !sealed.isEmpty { try await writer.write(sealed) }
    }

    func commit() async throws {
        try await writer.write(try sealer.finish())
        try await writer.commit()
    }

    func cancel() async { await writer.cancel() }
}
