import ReplicaKit

/// What a restore writes down in the target, so that one that was interrupted can be completed, and nobody takes a
/// half-restored set for a whole one.
struct RestoreMark: Sendable {
    /// The database that exists while a restore is under way.
    static let database = "replicakit_restore"
    static let namespace = Namespace(database: database, collection: "progress")

    /// The part that is the removal of what a mirror must not have.
    static let removal = "removal"
    /// The state of a part that is complete.
    static let done = "done"

    let connection: any MemberConnection
    let timeout: Duration

    /// What is being restored; two restores with the same description are the same.
    func current() async throws -> String? {
        let reply = try await connection.run(
            FindOne(in: Self.namespace, matching: ["_id": "restore"]),
            timeout: timeout
        )
        return reply.found?["what"]?.stringValue
    }

    /// Begins, unless this restore was begun before.
    ///
    /// - Returns: Whether it was.
    func begin(_ what: String) async throws -> Bool {
        if let current = try await current() {
            if current == what { return true }
            throw Self.other(current)
        }
        try await set("restore", ["what": .string(what)], durably: true)
        return false
    }

    static func other(_ current: String) -> ReplicaKitError {
        ReplicaKitError(
            .refused,
            "another restore was begun here and not completed: \(current)",
            hint: "Run the same restore again to complete it, or drop the database \(database) to give it up."
        )
    }

    /// How far a part is; `nil` where it was not begun.
    func state(of part: String) async throws -> String? {
        let reply = try await connection.run(
            FindOne(in: Self.namespace, matching: ["_id": .string(part)]),
            timeout: timeout
        )
        return reply.found?["state"]?.stringValue
    }

    /// Writes down how far a part is.
    func note(_ part: String, _ state: String, durably: Bool = false) async throws {
        try await set(part, ["state": .string(state)], durably: durably)
    }

    /// Forgets all of it: the restore is complete.
    func clear() async throws {
        let command: BSONDocument = ["dropDatabase": 1, "writeConcern": ["w": "majority"]]
        _ = try await connection.run(command, on: Self.database, timeout: timeout)
    }

    private func set(_ part: String, _ fields: BSONDocument, durably: Bool) async throws {
        let update: BSONDocument = [
            "q": ["_id": .string(part)], "u": ["$set": .document(fields)], "upsert": true,
        ]
        let command: BSONDocument = [
            "update": .string(Self.namespace.collection), "updates": [.document(update)],
            "writeConcern": durably ? ["w": "majority", "j": true] : ["w": 1],
        ]
        _ = try await connection.run(command, on: Self.database, timeout: timeout)
    }
}
