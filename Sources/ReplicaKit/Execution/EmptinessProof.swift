/// Proof that a member which belongs to no set yet holds nothing that initiating it with others could wipe.
///
/// Such a member refuses to list its databases. Two things it does tell: how many collections its catalog has (from
/// 5.0), and every start it ever had (`local.startup_log`). A server that was always started for a replica set and was
/// never in one has never accepted a write.
struct EmptinessProof {
    let name: MemberName
    let address: MemberAddress
    let access: MemberAccess

    /// - Throws: ``ReplicaKitError/Code/refused`` when the member holds data, or may.
    func require() async throws {
        try await access.with(address, as: .setItself) { connection in
            let status = try await connection.run(Self.catalogCommand, on: "admin", timeout: access.timeout)
            if let catalog = status["catalogStats"]?.documentValue {
                let kinds = ["collections", "capped", "clustered", "timeseries", "views"]
                let count = kinds.compactMap { catalog[$0]?.intValue }.reduce(0, +)
                guard count == 0 else { throw refusal("holds \(count) collections") }
            }
            let start = FindOne(
                in: Namespace(database: "local", collection: "startup_log"),
                matching: [
                    "cmdLine.replication.replSet": ["$exists": false],
                    "cmdLine.replication.replSetName": ["$exists": false],
                    // A look of our own at a stopped member writes nothing, and lets nobody else in.
                    "cmdLine.config": ["$not": .regularExpression(Self.ownStandalone)],
                ]
            )
            guard try await connection.run(start, timeout: access.timeout).found == nil else {
                throw refusal("was once run outside a replica set, so it may hold data")
            }
        }
    }

    private static let ownStandalone = BSONRegularExpression(
        pattern: "/\(StandaloneConfig.fileName.replacing(".", with: "\\."))$"
    )

    private func refusal(_ what: String) -> ReplicaKitError {
        ReplicaKitError(
            .refused,
            "\(name) belongs to no set yet and \(what): the server would wipe it when it is initiated with others",
            member: address,
            hint: "Back it up. Then give the set empty directories and restore; nothing was changed."
        )
    }

    /// `serverStatus` with little but the catalog's numbers.
    private static let catalogCommand: BSONDocument = [
        "serverStatus": 1, "metrics": 0, "wiredTiger": 0, "locks": 0, "tcmalloc": 0, "network": 0, "repl": 0,
        "opLatencies": 0, "transactions": 0, "flowControl": 0,
    ]
}
