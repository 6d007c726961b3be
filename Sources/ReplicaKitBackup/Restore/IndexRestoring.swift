import ReplicaKit

/// Builds the indexes of what was restored, after the data and the replay: a unique index that exists earlier refuses
/// documents that only later ones make unique again.
struct IndexRestoring: Sendable {
    let connection: any MemberConnection
    let timeout: Duration

    /// Builds indexes of one collection that are not there.
    ///
    /// All are built in one scan; where that fails, one by one, so that each that can be built is.
    /// - Returns: What could not be built, each with the server's words.
    func build(_ specs: [BSONDocument], on target: Namespace) async throws -> [String] {
        // Nothing is asked then: a time series does not answer under every name.
        guard !specs.isEmpty else { return [] }
        // An index that removes old documents comes last: it begins to remove them when it is there.
        let missing = try await withoutExisting(specs.map(Self.cleaned), on: target)
        let ordered =
            missing.filter { !$0.contains("expireAfterSeconds") } + missing.filter { $0.contains("expireAfterSeconds") }
        guard !ordered.isEmpty else { return [] }
        do {
            try await create(ordered, on: target)
            return []
        } catch let error as ReplicaKitError where Self.isRefusal(error) {
            if ordered.count == 1 { return [failure(ordered[0], target, error)] }
        }
        var failures: [String] = []
        for spec in ordered {
            do {
                try await create([spec], on: target)
            } catch let error as ReplicaKitError where Self.isRefusal(error) {
                failures.append(failure(spec, target, error))
            }
        }
        return failures
    }

    /// Whether the server says that an index cannot be; a primary that is lost meanwhile says nothing about the index.
    private static func isRefusal(_ error: ReplicaKitError) -> Bool {
        error.server != nil && !Restorer.isLossOfPrimary(error)
    }

    private func create(_ specs: [BSONDocument], on target: Namespace) async throws {
        let command: BSONDocument = [
            "createIndexes": .string(target.collection),
            "indexes": .array(BSONArray(specs.map(BSONValue.document))),
            // By default a build waits for all voting members: one that is down would hold it for as long.
            "commitQuorum": "majority",
            "writeConcern": ["w": "majority"],
        ]
        _ = try await connection.run(command, on: target.database, timeout: timeout)
    }

    private func withoutExisting(_ specs: [BSONDocument], on target: Namespace) async throws -> [BSONDocument] {
        let command: BSONDocument = ["listIndexes": .string(target.collection)]
        let names = Set(
            try await connection.documents(command, on: target.database, timeout: timeout)
                .compactMap { $0["name"]?.stringValue }
        )
        return specs.filter { !names.contains($0["name"]?.stringValue ?? "") }
    }

    private func failure(_ spec: BSONDocument, _ target: Namespace, _ error: ReplicaKitError) -> String {
        "\(target) index \(spec["name"]?.stringValue ?? "?"): \(error.server?.message ?? error.message)"
    }

    /// What `listIndexes` adds and `createIndexes` refuses: the namespace, which old servers wrote down.
    private static func cleaned(_ spec: BSONDocument) -> BSONDocument {
        spec.removing("ns")
    }
}
