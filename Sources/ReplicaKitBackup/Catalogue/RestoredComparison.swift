import Crypto
import ReplicaKit

/// Compares what a set holds with the backup that was restored to it.
///
/// Of a snapshot all must be the same. Of a fuzzy backup what the captured oplog did not touch must be: what it did is
/// as the replay left it, and nothing else says how it should be.
struct RestoredComparison: Sendable {
    let manifest: BackupManifest
    let store: any BackupStore
    let set: ReplicaSet
    /// Told what is not compared.
    let report: @Sendable (BackupEvent) -> Void

    /// What differs; empty where nothing does.
    func run() async throws -> [String] {
        let access = set.backupAccess
        guard let primary = await access.writableMember() else {
            throw ReplicaKitError(.noPrimary, "\(set.spec.name) has no primary")
        }
        var changes = CapturedChanges()
        if let oplog = manifest.oplog {
            changes = try await .read(from: try await BackupFileReader(oplog, of: manifest, in: store))
        }
        return try await access.with(primary, as: access.bestIdentity) { [changes] connection in
            let restored = try await SourceCatalogue.read(from: connection, timeout: access.timeout)
            let check = BackupCheck(manifest: manifest, store: store)
            var problems: [String] = []
            for collection in manifest.collections {
                let name = collection.namespace
                if Restorer.isUsers(name), let file = collection.data {
                    let changed = changes.mayHaveRemade(name) ? nil : changes.changedDocuments(of: name)
                    problems += try await differencesOfUsers(file, name, changed, connection, access.timeout)
                }
                guard !Restorer.isServers(name) else { continue }
                guard !changes.mayHaveRemade(name) else {
                    report(.note("\(name) was changed while it was copied: it is restored, and not compared"))
                    continue
                }
                guard let entry = restored.entries.first(where: { $0.namespace == name }) else {
                    problems.append("\(name) is missing")
                    continue
                }
                problems += Self.differences(try await check.metadata(of: collection), entry)
                guard let file = collection.data, let source = entry.source else { continue }
                // Documents leave a capped collection as others come, and not every server writes that down.
                let changed = changes.changedDocuments(of: source)
                guard let changed, !entry.isCapped || changed.isEmpty else {
                    report(.note("\(name) was written to while it was copied: its documents are not compared"))
                    continue
                }
                let reader = try await BackupFileReader(file, of: manifest, in: store)
                let wanted = try await digest(reader, without: changed)
                let found = try await digest(of: source, without: changed, connection, access.timeout)
                if wanted != found {
                    problems.append(
                        "\(name) has \(found.count) documents that are not the \(wanted.count) of the backup"
                    )
                }
                if !changed.isEmpty {
                    report(
                        .note(
                            "\(name): up to \(changed.count) documents changed while it was copied, and are not compared"
                        )
                    )
                }
            }
            return problems
        }
    }

    /// Users or roles, all but the one that the set let us in with, who is its own.
    private func differencesOfUsers(
        _ file: BackupManifest.File,
        _ name: Namespace,
        _ changed: Set<[UInt8]>?,
        _ connection: any MemberConnection,
        _ timeout: Duration
    ) async throws -> [String] {
        guard var changed else {
            report(.note("\(name) was written to while it was copied, and is not compared"))
            return []
        }
        if !changed.isEmpty {
            report(.note("\(name): up to \(changed.count) of it changed while it was copied, and are not compared"))
        }
        let own: BSONDocument = ["_id": .string("admin.\(set.spec.security.admin.user)")]
        if name.collection == "system.users", let id = try own.encodedID() { changed.insert(id) }
        let reader = try await BackupFileReader(file, of: manifest, in: store)
        let wanted = try await digest(reader, without: changed)
        let found = try await digest(of: name, without: changed, connection, timeout)
        guard wanted != found else { return [] }
        let kind = name.collection == "system.roles" ? "roles" : "users"
        return ["the \(found.count) \(kind) are not the \(wanted.count) of the backup"]
    }

    private static func differences(_ metadata: CollectionMetadata, _ entry: SourceCatalogue.Entry) -> [String] {
        var problems: [String] = []
        if !isSame(.document(metadata.options), .document(entry.options)) {
            problems.append("\(entry.namespace): options \(entry.options) instead of \(metadata.options)")
        }
        func sorted(_ specs: [BSONDocument]) -> [BSONValue] {
            specs.map { $0.removing("ns") }
                .sorted { ($0["name"]?.stringValue ?? "") < ($1["name"]?.stringValue ?? "") }.map(BSONValue.document)
        }
        let (wanted, found) = (sorted(metadata.indexes), sorted(entry.indexes))
        if wanted.count != found.count || !zip(wanted, found).allSatisfy(isSame) {
            problems.append("\(entry.namespace): indexes \(found) instead of \(wanted)")
        }
        return problems
    }

    /// Whether two values say the same; versions of servers differ in the types of numbers, and in the order of keys.
    private static func isSame(_ left: BSONValue, _ right: BSONValue) -> Bool {
        if let left = left.documentValue, let right = right.documentValue {
            let keys = left.keys
            return keys.count == right.keys.count
                && keys.allSatisfy { key in
                    guard let mine = left[key], let other = right[key] else { return false }
                    return isSame(mine, other)
                }
        }
        if let left = left.arrayValue, let right = right.arrayValue {
            return left.count == right.count && zip(Array(left), Array(right)).allSatisfy(isSame)
        }
        if let left = left.doubleValue, let right = right.doubleValue { return left == right }
        return left == right
    }

    /// What documents are, whatever their order: the sum of their hashes.
    private struct Digest: Equatable {
        var count = 0
        var sum: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        mutating func add(_ document: BSONDocument, without changed: Set<[UInt8]>) throws {
            if !changed.isEmpty, let id = try document.encodedID(), changed.contains(id) { return }
            count += 1
            let words = document.bytes.withUnsafeBytes { SHA256.hash(data: $0) }.withUnsafeBytes { bytes in
                (0..<4).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
            }
            sum.0 &+= words[0]
            sum.1 &+= words[1]
            sum.2 &+= words[2]
            sum.3 &+= words[3]
        }

        static func == (left: Digest, right: Digest) -> Bool { left.count == right.count && left.sum == right.sum }
    }

    private func digest(_ reader: any DocumentReader, without changed: Set<[UInt8]>) async throws -> Digest {
        var digest = Digest()
        while let batch = try await reader.next() {
            for document in try batch.documents() { try digest.add(document, without: changed) }
        }
        return digest
    }

    private func digest(
        of source: Namespace,
        without changed: Set<[UInt8]>,
        _ connection: any MemberConnection,
        _ timeout: Duration
    ) async throws -> Digest {
        let command: BSONDocument = ["find": .string(source.collection), "readConcern": ["level": "local"]]
        let cursor = try await connection.cursor(command, on: source.database, timeout: timeout)
        var digest = Digest()
        while let batch = try await cursor.nextBatch() {
            for document in try batch.documents() { try digest.add(document, without: changed) }
        }
        return digest
    }
}
