import ReplicaKit

/// What `mongodump` wrote: a directory or an archive.
protocol DumpSource: Sendable {
    /// What is in it.
    var contents: DumpContents { get }
    /// Begins to read the documents that stand under a name; of a time series that of its buckets.
    func documents(of namespace: Namespace) async throws -> any DocumentReader
    /// Begins to read the oplog that was copied with it; `nil` where there is none.
    func oplog() async throws -> (any DocumentReader)?
}

extension DumpSource {
    /// Reads all documents, and checks that they are BSON, before anything is done with them.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``.
    func check() async throws {
        for collection in contents.collections {
            guard let data = collection.data else { continue }
            try await Self.check(try await documents(of: data), data.description)
        }
        if let oplog = try await oplog() { try await Self.check(oplog, "the oplog") }
    }

    private static func check(_ reader: any DocumentReader, _ name: String) async throws {
        var number = 0
        while let batch = try await reader.next() {
            var rest = batch.bytes[...]
            do {
                while let document = try BSONDocument(takingFrom: &rest) {
                    number += 1
                    try document.validate()
                }
            } catch {
                throw ReplicaKitError(.backupDamaged, "document \(number) of \(name) is damaged: \(error)")
            }
        }
    }
}

/// What is in a dump.
struct DumpContents: Sendable {
    /// A collection, a view or a time series.
    struct Collection: Sendable {
        var namespace: Namespace
        var metadata: CollectionMetadata
        /// The name under which its documents stand; `nil` of a view.
        var data: Namespace?
        /// How many bytes they have, compressed if the dump is.
        var bytes: Int
    }

    /// In the order of their names. The users and roles of a single database are collections of it called
    /// `$admin.system.users`, `$admin.system.roles` and `$admin.system.version`.
    var collections: [Collection]
    var hasOplog = false
    /// Which server it was taken from, where that is said.
    var serverVersion: String?
    /// Files that are no part of a dump, and were not read.
    var others: [String] = []

    /// Puts metadata and documents together.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when documents are there without metadata or the other way
    ///   round: what is missing was lost, and with it documents or indexes.
    init(
        of source: String,
        metadata: [Namespace: CollectionMetadata],
        data: [Namespace: Int]
    ) throws(ReplicaKitError) {
        var unclaimed = data
        collections = []
        for (namespace, metadata) in metadata {
            let isSeries = metadata.kind == .timeseries
            let name = isSeries ? "system.buckets.\(namespace.collection)" : namespace.collection
            let place = Namespace(database: namespace.database, collection: name)
            let bytes = unclaimed.removeValue(forKey: place)
            guard metadata.kind == .view || bytes != nil else {
                throw Self.incomplete("\(source) has the metadata of \(namespace), and not its documents")
            }
            collections.append(
                Collection(
                    namespace: namespace,
                    metadata: metadata,
                    data: metadata.kind == .view ? nil : place,
                    bytes: bytes ?? 0
                )
            )
        }
        for (namespace, bytes) in unclaimed {
            // The server's own have none in some dumps, and need none.
            guard namespace.collection.hasPrefix("system.") || namespace.collection.hasPrefix("$admin.") else {
                throw Self.incomplete("\(source) has the documents of \(namespace), and not its metadata")
            }
            let metadata = CollectionMetadata(["collectionName": .string(namespace.collection)])
            collections.append(Collection(namespace: namespace, metadata: metadata, data: namespace, bytes: bytes))
        }
        collections.sort { "\($0.namespace)" < "\($1.namespace)" }
    }

    private static func incomplete(_ what: String) -> ReplicaKitError {
        ReplicaKitError(.backupDamaged, what, hint: "The dump was cut off or a part of it was lost: use another.")
    }
}
