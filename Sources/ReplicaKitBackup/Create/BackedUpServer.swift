import ReplicaKit

/// What a backup must know of the server that it is read from.
struct BackedUpServer: Sendable {
    var version: ServerVersion
    var featureCompatibilityVersion: String
    var setID: String?

    init(asking connection: any MemberConnection, _ timeout: Duration) async throws {
        version = try await connection.run(BuildInfo(), timeout: timeout).version
        featureCompatibilityVersion =
            try await connection.run(GetFeatureCompatibilityVersion(), timeout: timeout).version
        let config = try await connection.run(ReplSetGetConfig(), timeout: timeout).config
        setID = config.document[path: "settings", "replicaSetId"]?.objectIDValue?.description
    }

    /// Whether a plain `find` can read at a moment of the past.
    var readsSnapshots: Bool { version >= ServerVersion(5, 0) }
}

/// Transactions that have written to the oplog and not ended.
enum OpenTransactions {
    /// Where the oldest of them begins in the oplog; `nil` when there is none.
    static func oldestStart(on connection: any MemberConnection, timeout: Duration) async throws -> BSONTimestamp? {
        let command: BSONDocument = [
            "find": "transactions",
            "filter": ["state": ["$in": ["prepared", "inProgress"]]],
            "projection": ["startOpTime": 1],
            "readConcern": ["level": "local"],
        ]
        let open = try await connection.documents(command, on: "config", timeout: timeout)
        return open.compactMap { OpTime($0["startOpTime"])?.timestamp }.min()
    }
}

extension OpenTransactions {
    /// Where the first one begins that wrote an entry behind a moment, through another, and did not end with it.
    static func firstBegun(
        after: BSONTimestamp,
        through: BSONTimestamp,
        on connection: any MemberConnection,
        timeout: Duration
    ) async throws -> BSONTimestamp? {
        guard after < through else { return nil }
        let command: BSONDocument = [
            "find": "oplog.rs",
            "filter": [
                "ts": ["$gt": .timestamp(after), "$lte": .timestamp(through)],
                "$or": [["o.partialTxn": true], ["o.prepare": true]],
            ],
            "projection": ["ts": 1],
            "readConcern": ["level": "local"],
        ]
        let found = try await connection.documents(command, on: "local", timeout: timeout)
        return found.compactMap { $0["ts"]?.timestampValue }.min()
    }
}

/// For how long a server keeps the past that snapshot reads need.
enum HistoryWindow {
    private static let parameter = "minSnapshotHistoryWindowInSeconds"
    /// How fast reading goes at least, for an estimate.
    private static let bytesPerSecond = 30 << 20

    /// Runs something while a member keeps enough of the past for it, and puts its setting back.
    static func lengthened(
        on control: any MemberConnection,
        for catalogue: SourceCatalogue,
        _ options: BackupOptions,
        _ timeout: Duration,
        _ body: () async throws -> Void
    ) async throws {
        let bytes = catalogue.entries.reduce(0) { $0 + $1.estimatedBytes }
        let needed = 120 + bytes / min(options.bytesPerSecond ?? bytesPerSecond, bytesPerSecond)
        let reply = try await control.run(["getParameter": 1, "\(parameter)": 1], on: "admin", timeout: timeout)
        guard let before = reply[parameter], let seconds = before.intValue, seconds < needed else {
            return try await body()
        }
        try await set(.integer(needed), on: control, timeout)
        do {
            try await body()
        } catch {
            // The error that led here matters more. In a task of its own: this one may be cancelled.
            await Task { try? await set(before, on: control, timeout) }.value
            throw error
        }
        try await set(before, on: control, timeout)
    }

    private static func set(_ value: BSONValue, on control: any MemberConnection, _ timeout: Duration) async throws {
        _ = try await control.run(["setParameter": 1, "\(parameter)": value], on: "admin", timeout: timeout)
    }
}
