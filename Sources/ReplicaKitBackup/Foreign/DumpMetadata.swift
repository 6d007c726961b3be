import ReplicaKit

/// Reads the metadata and the names of dumps, which may be anybody's.
enum DumpMetadata {
    /// No metadata is longer: 64 indexes, a validator and a view's pipeline are small.
    static let limit = 64 << 20

    /// Reads a collection's metadata.
    ///
    /// - Parameters:
    ///   - text: Extended JSON.
    ///   - source: What it stands in, for errors.
    static func read(_ text: [UInt8], from source: String) throws(ReplicaKitError) -> CollectionMetadata {
        let document: BSONDocument
        do {
            document = try BSONDocument(extendedJSON: text)
        } catch {
            throw ReplicaKitError(.backupDamaged, "\(source) is damaged: \(error)")
        }
        let indexes = document["indexes"]?.arrayValue
        guard document["options"] == nil || document["options"]?.documentValue != nil,
            document["indexes"] == nil || indexes?.allSatisfy({ $0.documentValue != nil }) == true
        else { throw ReplicaKitError(.backupDamaged, "\(source) is no metadata of a collection") }
        return CollectionMetadata(document)
    }

    /// Checks names: what is no name of a database or collection would be refused by the server much later.
    static func check(_ namespace: Namespace, from source: String) throws(ReplicaKitError) -> Namespace {
        let database = namespace.database
        let isDatabase =
            !database.isEmpty && database.utf8.count <= 63
            && !database.contains { "/\\. \"$\0".contains($0) }
        let isCollection =
            !namespace.collection.isEmpty && !namespace.collection.utf8.contains(0)
            && namespace.collection.utf8.count <= 255
        guard isDatabase, isCollection else {
            throw ReplicaKitError(.backupDamaged, "\(source): '\(namespace)' is no name of a collection")
        }
        return namespace
    }
}

extension DumpFileName {
    /// The collection's name that a file's name stands for; `nil` where it is not such a name, or only the metadata
    /// file has the true one.
    static func collection(of stem: String) -> String? {
        guard stem.utf8.count <= longest, !isCut(stem) else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(stem.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether the stem is that of a name that was too long: 208 bytes, a dollar sign, and a hash of 27 characters.
    private static func isCut(_ stem: String) -> Bool {
        let bytes = Array(stem.utf8)
        return bytes.count == kept + 3 + 27 && bytes[kept...].starts(with: "%24".utf8)
    }
}
