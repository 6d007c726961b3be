import ReplicaKit
import ReplicaKitBackup
import TestSupport

/// What a quiet source holds, read document by document: the base that a replay goes on from.
struct BaseCopy: Sendable {
    struct Collection: Sendable {
        var namespace: Namespace
        var options: BSONDocument
        var documents: [BSONDocument]
    }

    var timestamp: BSONTimestamp
    var collections: [Collection] = []
    var catalogue = IndexCatalogue()

    /// Copies the source as it is.
    init(of fixture: ReplayFixture) async throws {
        self = try await fixture.withConnection(to: fixture.source) { connection in
            let last = try await connection.run(FindOplogEntry(.last), timeout: .seconds(20)).entry
            guard let last else { throw TestFailure("the oplog is empty") }
            var copy = BaseCopy(timestamp: last.timestamp)
            for database in try await connection.run(ListDatabases(), timeout: .seconds(20)).names
            where !["local", "config"].contains(database) {
                for info in try await connection.documents(["listCollections": 1], on: database)
                where info["type"] == "collection" {
                    let name = info["name"]?.stringValue ?? ""
                    if database == "admin", ["system.keys", "system.version"].contains(name) { continue }
                    let options = info["options"]?.documentValue ?? BSONDocument()
                    copy.catalogue[Namespace(database: database, collection: name)] = IndexCatalogue.Collection(
                        options: options,
                        indexes: try await connection.documents(["listIndexes": .string(name)], on: database)
                    )
                    copy.collections.append(
                        Collection(
                            namespace: Namespace(database: database, collection: name),
                            options: options,
                            documents: try await connection.documents(["find": .string(name)], on: database)
                        )
                    )
                }
            }
            return copy
        }
    }

    private init(timestamp: BSONTimestamp) { self.timestamp = timestamp }

    /// Empties the target, but for its administrator, and puts the copy into it.
    func restore(to fixture: ReplayFixture) async throws {
        try await fixture.withConnection(to: fixture.target) { connection in
            func apply(_ operations: [BSONDocument]) async throws {
                guard !operations.isEmpty else { return }
                let list = BSONArray(operations.map { .document($0) })
                _ = try await connection.run(["applyOps": .array(list)], on: "admin", timeout: .seconds(60))
            }
            for database in try await connection.run(ListDatabases(), timeout: .seconds(20)).userDatabases {
                _ = try await connection.run(["dropDatabase": 1], on: database, timeout: .seconds(20))
            }
            for (collection, filter) in [
                ("system.roles", [:] as BSONDocument), ("system.users", ["_id": ["$ne": "admin.admin"]]),
            ] {
                let deletes: BSONArray = [["q": .document(filter), "limit": 0]]
                _ = try await connection.run(
                    ["delete": .string(collection), "deletes": .array(deletes)],
                    on: "admin",
                    timeout: .seconds(20)
                )
            }
            for collection in collections {
                let namespace = collection.namespace
                if namespace.database != "admin" {
                    var create: BSONDocument = ["create": .string(namespace.collection)]
                    for (key, value) in collection.options { create.append(key, value) }
                    if let id = catalogue[namespace]?.indexes.first(where: { $0["name"] == "_id_" }),
                        create["clusteredIndex"] == nil
                    {
                        create.append("idIndex", .document(id))
                    }
                    try await apply([
                        ["op": "c", "ns": .string("\(namespace.database).$cmd"), "o": .document(create)]
                    ])
                }
                let inserts = collection.documents.map { document -> BSONDocument in
                    ["op": "i", "ns": .string(namespace.description), "o": .document(document)]
                }
                // One by one into a capped collection: 4.4 keeps too many otherwise.
                if catalogue[namespace]?.isCapped == true {
                    for insert in inserts { try await apply([insert]) }
                } else {
                    try await apply(inserts)
                }
            }
        }
    }
}
