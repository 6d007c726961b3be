import Crypto
import ReplicaKit

extension BackupManifest {
    /// The manifest's name in a backup.
    static let fileName = "backup-metadata.json"

    /// The version of the format that this code writes, and the newest that it reads.
    static let currentFormat = 1

    /// The text of the file. Its last key is the hash of all before it.
    func text() throws -> String {
        var document = try BSONEncoder().encode(self)
        document.append("sha256", .string(try Self.hash(of: document)))
        return try document.extendedJSON(.relaxed, pretty: true) + "\n"
    }

    /// Reads a manifest.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when it is not one, or was changed.
    init(text: [UInt8], of id: BackupID) throws(ReplicaKitError) {
        let name = "\(id.folder)/\(Self.fileName)"
        func damaged(_ what: String) -> ReplicaKitError {
            ReplicaKitError(.backupDamaged, "\(name): \(what)", hint: "Use another backup: rkctl backup list.")
        }
        do {
            guard let string = String(validating: text, as: UTF8.self) else { throw damaged("it is not UTF-8 text") }
            var document = try BSONDocument(extendedJSON: string)
            guard let format = document["format"]?.intValue else { throw damaged("it has no format") }
            guard format <= Self.currentFormat else {
                throw damaged("format \(format) is newer than this program, which knows \(Self.currentFormat)")
            }
            guard let hash = document.removeValue(forKey: "sha256")?.stringValue,
                try hash == Self.hash(of: document)
            else { throw damaged("its own hash does not fit: it was changed or damaged") }
            self = try BSONDecoder().decode(Self.self, from: document)
        } catch let error as ReplicaKitError {
            throw error
        } catch {
            throw damaged("\(error)")
        }
        guard self.id == id else { throw damaged("it is the manifest of \(self.id)") }
        for file in files where !Self.isSafe(file.name) { throw damaged("\"\(file.name)\" is no name of a file") }
    }

    private static func hash(of document: BSONDocument) throws -> String {
        Hexadecimal.text(of: SHA256.hash(data: Array(try document.extendedJSON(.relaxed).utf8)))
    }

    /// Whether a name stays within the backup.
    private static func isSafe(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && !name.utf8.contains(0)
    }
}
