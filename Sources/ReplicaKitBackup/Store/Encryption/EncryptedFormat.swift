internal import Crypto
internal import Foundation
internal import ReplicaKit

/// The format of encrypted objects, as `Documentation/backup-formats.md` describes it.
///
/// A header is followed by chunks. Each chunk is sealed with a key of the object alone, with its number and whether
/// it is the last as the nonce: what is cut off, moved, repeated, changed or put under another name does not open.
enum EncryptedFormat {
    /// Says what this is, and the version of the format.
    static let magic = Array("RKBKENC1".utf8)
    static let saltBytes = 32
    static let checkBytes = 16
    static let headerBytes = 8 + saltBytes + checkBytes
    /// How much of the content is sealed at once.
    static let chunkBytes = 1 << 20
    static let tagBytes = 16
    static let sealedChunkBytes = chunkBytes + tagBytes

    /// The size of an object's content, by its own size. Of what is no encrypted object it means nothing.
    static func contentBytes(ofObject bytes: Int) -> Int {
        let body = max(bytes - headerBytes, 0)
        let chunks = (body + sealedChunkBytes - 1) / sealedChunkBytes
        return max(body - chunks * tagBytes, 0)
    }
}

/// What opens and seals the chunks of one object.
struct ChunkCipher: Sendable {
    /// The beginning of the object.
    let header: [UInt8]
    private let name: String
    private let key: SymmetricKey

    /// Begins a new object.
    init(newObject name: String, key: BackupKey) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<EncryptedFormat.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.init(name, key, salt, header: EncryptedFormat.magic + salt + Self.check(of: key, salt))
    }

    /// Opens an object.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupKeyWrong`` when it is encrypted with another key, or not at all;
    ///   ``ReplicaKitError/Code/backupDamaged`` when not even all of the header is there.
    init(header: [UInt8], of name: String, key: BackupKey) throws(ReplicaKitError) {
        guard header.starts(with: EncryptedFormat.magic.prefix(header.count)) else {
            throw ReplicaKitError(
                .backupKeyWrong,
                "\(name) is not encrypted, and a key was given",
                hint: "Read what is not encrypted without a key."
            )
        }
        guard header.count == EncryptedFormat.headerBytes else {
            throw ReplicaKitError(.backupDamaged, "\(name) is cut off at byte \(header.count), inside its header")
        }
        let salt = Array(header.dropFirst(EncryptedFormat.magic.count).prefix(EncryptedFormat.saltBytes))
        guard header.suffix(EncryptedFormat.checkBytes).elementsEqual(Self.check(of: key, salt)) else {
            throw ReplicaKitError(
                .backupKeyWrong,
                "\(name) is encrypted with another key",
                hint: "Give the key that was in use when it was written."
            )
        }
        self.init(name, key, salt, header: header)
    }

    private init(_ name: String, _ key: BackupKey, _ salt: [UInt8], header: [UInt8]) {
        (self.name, self.header) = (name, header)
        self.key = Self.derive(from: key, salt, "replicakit backup object\0\(name)", 32)
    }

    /// Tells keys apart without saying anything about them.
    private static func check(of key: BackupKey, _ salt: [UInt8]) -> [UInt8] {
        derive(from: key, salt, "replicakit backup key check", EncryptedFormat.checkBytes).withUnsafeBytes { Array($0) }
    }

    private static func derive(from key: BackupKey, _ salt: [UInt8], _ purpose: String, _ count: Int) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.key,
            salt: salt,
            info: Array(purpose.utf8),
            outputByteCount: count
        )
    }

    /// Seals a chunk.
    func seal(_ chunk: ArraySlice<UInt8>, number: Int, isLast: Bool) throws -> [UInt8] {
        let box = try AES.GCM.seal(chunk, using: key, nonce: Self.nonce(number, isLast), authenticating: header)
        return Array(box.ciphertext) + box.tag
    }

    /// Opens a chunk.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``.
    func open(_ sealed: ArraySlice<UInt8>, number: Int, isLast: Bool) throws -> [UInt8] {
        if let chunk = content(sealed, number, isLast) { return chunk }
        let offset = EncryptedFormat.headerBytes + number * EncryptedFormat.sealedChunkBytes
        // Only for the message: whether it is whole, and just not where the object ends.
        let why =
            content(sealed, number, !isLast) != nil
            ? (isLast ? "the object is cut off after it" : "the object should end with it")
            : "it was changed, moved here, or written under another name"
        throw ReplicaKitError(
            .backupDamaged,
            "\(name) is damaged in the \(sealed.count) bytes from byte \(offset) on: \(why)",
            hint: "Use another backup, or another copy of this object."
        )
    }

    private func content(_ sealed: ArraySlice<UInt8>, _ number: Int, _ isLast: Bool) -> [UInt8]? {
        // It may be shorter than a tag; then there is no box at all.
        let box = try? AES.GCM.SealedBox(
            nonce: Self.nonce(number, isLast),
            ciphertext: sealed.dropLast(EncryptedFormat.tagBytes),
            tag: sealed.suffix(EncryptedFormat.tagBytes)
        )
        guard let box, let content = try? AES.GCM.open(box, using: key, authenticating: header) else { return nil }
        return Array(content)
    }

    /// Never the same twice for a key, as every object has its own.
    private static func nonce(_ number: Int, _ isLast: Bool) throws -> AES.GCM.Nonce {
        let counter = withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
        return try AES.GCM.Nonce(data: counter + [0, 0, 0, isLast ? 1 : 0])
    }
}
