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

    /// How many names a mark may have: a document holds 16 MiB, and a name 255 bytes.
    private static let mostNames = 10_000

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
    func begin(_ plan: RestorePlan) async throws -> Bool {
        let what = plan.fingerprint
        if let current = try await current() {
            if current == what { return true }
            throw Self.other(current)
        }
        var fields: BSONDocument = [
            "what": .string(what), "backup": .string(plan.manifest.id.rawValue),
            "toLatest": .bool(plan.options.target == .latest), "mirrors": .bool(plan.options.mirrors),
        ]
        if let through = plan.through { fields.append("through", .timestamp(through)) }
        // What is not whole until the end is told to whoever reads the oplog. Of too many names all collections are.
        let gone = plan.removed + plan.replaced
        if gone.count <= Self.mostNames {
            fields.append("removes", .array(BSONArray(gone.map { .string($0.description) })))
        }
        try await set("restore", fields, durably: true)
        return false
    }

    /// A restore that was begun and is not complete.
    struct Begun: Sendable {
        let backup: BackupID
        let through: BSONTimestamp?
        /// Whether it was to go on as far as the archive went then.
        let isToLatest: Bool
    }

    /// The restore that was begun; `nil` where none was.
    func begun() async throws -> Begun? {
        let reply = try await connection.run(
            FindOne(in: Self.namespace, matching: ["_id": "restore"]),
            timeout: timeout
        )
        guard let found = reply.found,
            let backup = found["backup"]?.stringValue.flatMap(BackupID.init(rawValue:))
        else { return nil }
        return Begun(
            backup: backup,
            through: found["through"]?.timestampValue,
            isToLatest: found["toLatest"]?.isTruthy ?? false
        )
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
