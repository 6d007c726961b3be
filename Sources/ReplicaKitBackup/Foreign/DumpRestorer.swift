import Crypto
import Foundation
public import ReplicaKit

/// Restores what `mongodump` wrote: a directory (plain or `--gzip`), or an archive, with the oplog of `--oplog`.
///
/// It is restored as backups are: everything is read and checked before anything is written, a target that holds data
/// is not touched unless it is to become a mirror, and a document that fails is a failure of the restore. Nothing in a
/// dump proves that it is whole; what is known to be missing is refused.
public struct DumpRestorer: Sendable {
    private let restorer: Restorer
    private let path: String
    private let dump: any DumpSource
    private let manifest: BackupManifest

    /// Opens a dump.
    ///
    /// - Parameters:
    ///   - path: The directory, or the file of the archive.
    ///   - set: Where it is restored to.
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` with the file and the offset.
    public init(_ path: String, to set: ReplicaSet) async throws {
        self.path = path
        dump = try await Self.open(path)
        manifest = try await Self.manifest(of: dump, path, set)
        restorer = Restorer(set: set, store: LocalBackupStore(directory: path))
    }

    private static func open(_ path: String) async throws -> any DumpSource {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        if type == .typeDirectory { return try await DirectoryDump(path) }
        return try await ArchiveDump(path)
    }

    /// What is in the dump and is not restored: files that are no part of it, and what each server keeps for itself.
    public var others: [String] {
        dump.contents.others
            + dump.contents.collections.map(\.namespace).filter(Self.isLeftOut).map(\.description)
    }

    /// What a server keeps for itself, and users of a single database, which go by names of their own there.
    private static func isLeftOut(_ namespace: Namespace) -> Bool {
        namespace.collection.hasPrefix("$admin.") || (Restorer.isServers(namespace) && namespace.database != "admin")
    }

    /// What would be done. Changes nothing.
    public func plan(_ options: RestoreOptions = RestoreOptions()) async throws -> RestorePlan {
        guard options.target == nil else {
            throw ReplicaKitError(
                .invalidArgument,
                "a dump of mongodump is restored to its own moment",
                hint: "Only backups of `rkctl backup create` and the archive of the oplog go on to other moments."
            )
        }
        let sizes = dump.contents.collections.map { ($0.namespace, $0.bytes) }
        return try await restorer.plan(manifest, options, sizes: Dictionary(sizes) { $0 + $1 })
    }

    /// Restores, once everything was read and found to be BSON.
    public func run(
        _ plan: RestorePlan,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> RestoreReport {
        report(.phase("check the dump"))
        try await dump.check()
        let wanted = Swift.Set(plan.collections.map(\.source))
        let items = dump.contents.collections.filter { collection in
            wanted.contains(collection.namespace)
                || (plan.restoresUsers && Restorer.isUsers(collection.namespace))
        }
        let dump = dump
        var oplog: (@Sendable () async throws -> any DocumentReader)?
        if dump.contents.hasOplog { oplog = { try await dump.oplog() ?? NoDocuments() } }
        return try await restorer.run(plan, items.map { item($0, plan) }, oplog, report)
    }

    private func item(_ collection: DumpContents.Collection, _ plan: RestorePlan) -> RestoreItem {
        let dump = dump
        var read: (@Sendable () async throws -> any DocumentReader)?
        if let data = collection.data { read = { try await dump.documents(of: data) } }
        return RestoreItem(
            source: collection.namespace,
            target: plan.options.selection.target(of: collection.namespace) ?? collection.namespace,
            metadata: collection.metadata,
            documents: nil,
            bytes: collection.bytes,
            read: read
        )
    }

    /// What a dump would say of itself if it had a manifest.
    private static func manifest(
        of dump: any DumpSource,
        _ path: String,
        _ set: ReplicaSet
    ) async throws -> BackupManifest {
        let (first, last) = try await ends(of: dump)
        let none = BackupManifest.File(name: "-", bytes: 0, sha256: "", documents: 0, documentBytes: 0)
        let collections = dump.contents.collections.filter { !isLeftOut($0.namespace) }
        let name = path.split(separator: "/").last.map(String.init) ?? "dump"
        let id = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }.prefix(60))
        // Two dumps of one name are two: what is restored of one is not completed by the other.
        let parts = dump.contents.collections.map { "\($0.namespace) \($0.bytes)" } + [path, "\(first)", "\(last)"]
        let hash = Hexadecimal.text(of: SHA256.hash(data: Array(parts.joined(separator: "\n").utf8)))
        guard let id = BackupID(rawValue: "dump-\(id)-\(hash.prefix(8))") else {
            throw ReplicaKitError(.invalidArgument, "\(path) cannot be named")
        }
        return BackupManifest(
            format: BackupManifest.currentFormat,
            id: id,
            set: set.spec.name.rawValue,
            setID: nil,
            tool: "mongodump",
            serverVersion: dump.contents.serverVersion ?? "unknown",
            featureCompatibilityVersion: "0.0",
            member: "",
            mode: dump.contents.hasOplog ? .fuzzy : .snapshot,
            start: BackupManifest.Moment(OpTime(timestamp: first, term: -1)),
            end: BackupManifest.Moment(OpTime(timestamp: last, term: -1)),
            oplogNeededFrom: first,
            begunAt: .now,
            finishedAt: .now,
            compression: .none,
            collections: collections.map { collection in
                BackupManifest.Collection(
                    database: collection.namespace.database,
                    name: collection.namespace.collection,
                    kind: collection.metadata.kind,
                    uuid: collection.metadata.uuid,
                    indexes: collection.metadata.indexes.count,
                    metadata: none,
                    data: nil
                )
            },
            oplog: nil
        )
    }

    /// The moment before the dump's oplog, and its last entry. mongodump's first entry was in the data already, or was
    /// the beginning of a transaction that was not.
    private static func ends(of dump: any DumpSource) async throws -> (first: BSONTimestamp, last: BSONTimestamp) {
        var first: BSONTimestamp?
        var last = BSONTimestamp(seconds: 0, increment: 0)
        if let oplog = try await dump.oplog() {
            while let batch = try await oplog.next() {
                for entry in try batch.documents() {
                    guard let timestamp = entry["ts"]?.timestampValue else { continue }
                    first = first ?? timestamp
                    last = max(last, timestamp)
                }
            }
        }
        let before = first.map { BSONTimestamp(rawValue: $0.rawValue - 1) }
        return (before ?? last, last)
    }
}

/// Nothing to read.
private struct NoDocuments: DocumentReader {
    func next() async throws -> DocumentBatch? { nil }
}
