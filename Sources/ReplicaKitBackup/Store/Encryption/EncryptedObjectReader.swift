internal import ReplicaKit

/// Decrypts what it reads.
actor EncryptedObjectReader: StoredObjectReader {
    private let reader: any StoredObjectReader
    private let cipher: ChunkCipher
    private var number: Int
    /// How much of the content of the chunks to come is not asked for.
    private var skipped: Int
    private var pending: [UInt8]
    private var isAtEnd = false

    init(
        _ reader: any StoredObjectReader,
        _ cipher: ChunkCipher,
        chunk: Int,
        skipping skipped: Int,
        begunWith pending: [UInt8]
    ) {
        self.reader = reader
        self.cipher = cipher
        number = chunk
        self.skipped = skipped
        self.pending = pending
    }

    func next() async throws -> [UInt8]? {
        while !isAtEnd {
            // Only what follows tells a whole chunk from the last one.
            while pending.count <= EncryptedFormat.sealedChunkBytes, let piece = try await reader.next() {
                pending += piece
            }
            isAtEnd = pending.count <= EncryptedFormat.sealedChunkBytes
            let sealed = pending.prefix(EncryptedFormat.sealedChunkBytes)
            let chunk = try cipher.open(sealed, number: number, isLast: isAtEnd)
            pending.removeFirst(sealed.count)
            number += 1
            let content = skipped == 0 ? chunk : Array(chunk.dropFirst(skipped))
            skipped = max(skipped - chunk.count, 0)
            if !content.isEmpty { return content }
        }
        return nil
    }

    func close() async {
        isAtEnd = true
        await reader.close()
    }
}
