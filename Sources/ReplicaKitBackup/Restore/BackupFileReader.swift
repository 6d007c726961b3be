import Crypto
import ReplicaKit

/// Reads a file of a backup: decompresses, checks the frames of documents, and in the end its hash and count.
actor BackupFileReader: DocumentReader {
    private let reader: any StoredObjectReader
    private let name: String
    private let file: BackupManifest.File
    private var decompressor: FrameDecompressor
    private var framer: DocumentFramer
    private var hash = SHA256()
    private var count = 0
    private var hasEnded = false

    init(_ file: BackupManifest.File, of manifest: BackupManifest, in store: any BackupStore) async throws {
        name = "\(manifest.id.folder)/\(file.name)"
        self.file = file
        decompressor = try FrameDecompressor(manifest.compression, file: name)
        framer = DocumentFramer(file: name)
        reader = try await store.read(name, from: 0)
    }

    func next() async throws -> DocumentBatch? {
        while true {
            if let batch = try framer.next() { return counted(batch) }
            if let part = try decompressor.next() {
                framer.push(part)
                continue
            }
            if hasEnded { return nil }
            if let piece = try await reader.next() {
                hash.update(data: piece)
                decompressor.push(piece)
                continue
            }
            hasEnded = true
            try decompressor.finish()
            let last = try framer.finish().map(counted)
            try requireWhole()
            return last
        }
    }

    private func counted(_ batch: DocumentBatch) -> DocumentBatch {
        count += batch.count
        return batch
    }

    private func requireWhole() throws {
        guard Hexadecimal.text(of: hash.finalize()) == file.sha256 else { throw damaged("its hash is another") }
        guard count == file.documents else {
            throw damaged("it has \(count) documents, and the manifest says \(file.documents)")
        }
    }

    private func damaged(_ what: String) -> ReplicaKitError {
        ReplicaKitError(.backupDamaged, "\(name): \(what)", hint: "Use another backup: rkctl backup list.")
    }
}
