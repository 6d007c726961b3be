import ReplicaKit

extension ReplicaSetSpec {
    /// The spec of fake members, named `a`, `b`, `c` …
    static func of(_ members: [FakeMember]) -> ReplicaSetSpec {
        ReplicaSetSpec(
            name: "rs0",
            members: members.map { member in
                MemberSpec(
                    name: MemberName(rawValue: String(Array("abcdefgh")[member.number])),
                    host: member.isAskedAt ?? member.address,
                    priority: member.priority,
                    votes: member.votes,
                    hidden: member.isHidden,
                    arbiter: member.isArbiter,
                    delaySeconds: member.delaySeconds
                )
            },
            runtime: .external
        )
    }
}

extension MemberAuthentication {
    static let admin = MemberAuthentication.password(Credential(user: "admin", password: Secret("hidden")))
}

/// Takes a snapshot of fake members through the fake driver.
func snapshot(
    of members: [FakeMember],
    spec: ReplicaSetSpec? = nil,
    config: BSONDocument? = nil,
    oplog: [OplogEntry] = [],
    timeout: Duration = .seconds(5)
) async throws -> ReplicaSetSnapshot {
    let set = FakeSet(members, config: config, oplog: oplog)
    return try await SnapshotTaker(
        spec: spec ?? .of(members),
        authentication: .admin,
        toolbox: set.toolbox,
        timeout: timeout
    ).take()
}

/// The code of the error that `body` throws; nil when it throws none of ours.
func codeThrown(by body: () throws -> Void) -> ReplicaKitError.Code? {
    do { try body() } catch { return (error as? ReplicaKitError)?.code }
    return nil
}

/// The code of the error that `body` throws; nil when it throws none of ours.
func codeThrown(by body: () async throws -> Void) async -> ReplicaKitError.Code? {
    do { try await body() } catch { return (error as? ReplicaKitError)?.code }
    return nil
}
