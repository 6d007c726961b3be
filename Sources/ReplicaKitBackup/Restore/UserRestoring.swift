import ReplicaKit

/// Restores users and roles: each is put in the place of one of the same name.
struct UserRestoring: Sendable {
    static let collections = ["system.users", "system.roles"]

    let connection: any MemberConnection
    let timeout: Duration
    /// The administrator of the target's spec, who stays as he is: without him nobody could log in.
    let administrator: String

    /// Restores one of the two collections.
    ///
    /// - Parameter mirrors: Whether users or roles that the backup has not are removed.
    func run(_ item: RestoreItem, mirrors: Bool) async throws -> Int {
        var names: [BSONValue] = [.string("admin.\(administrator)")]
        var count = 0
        let reader = try await item.read?()
        while let batch = try await reader?.next() {
            for document in try batch.documents() {
                guard let id = document["_id"], id != names[0] else { continue }
                names.append(id)
                try await put(document, id, item.target)
                count += 1
            }
        }
        if mirrors { try await removeAll(but: names, in: item.target) }
        return count
    }

    private func put(_ document: BSONDocument, _ id: BSONValue, _ target: Namespace) async throws {
        let update: BSONDocument = ["q": ["_id": id], "u": .document(document), "upsert": true]
        let command: BSONDocument = [
            "update": .string(target.collection), "updates": [.document(update)], "writeConcern": ["w": "majority"],
        ]
        _ = try await connection.run(command, on: target.database, timeout: timeout)
    }

    private func removeAll(but names: [BSONValue], in target: Namespace) async throws {
        let deletion: BSONDocument = ["q": ["_id": ["$nin": .array(BSONArray(names))]], "limit": 0]
        let command: BSONDocument = [
            "delete": .string(target.collection), "deletes": [.document(deletion)], "writeConcern": ["w": "majority"],
        ]
        _ = try await connection.run(command, on: target.database, timeout: timeout)
    }
}
