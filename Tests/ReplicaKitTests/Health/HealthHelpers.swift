@testable import ReplicaKit

extension HealthReport {
    /// What health says of fake members.
    static func of(
        _ members: [FakeMember],
        spec: ReplicaSetSpec? = nil,
        config: BSONDocument? = nil,
        health: HealthSpec = HealthSpec(),
        processes: [MemberName: MemberProcessState] = [:],
        editing edit: (inout ReplicaSetSnapshot) -> Void = { _ in },
        before: HealthLook? = nil
    ) async throws -> HealthReport {
        var spec = spec ?? .of(members)
        spec.health = health
        let look = try await HealthLook.of(members, config: config, processes: processes, editing: edit)
        return HealthExaminer(spec: spec).report(on: look, previous: before)
    }

    var told: [String] { findings.map { "\($0.severity.rawValue) \($0.key)" } }
}

extension HealthLook {
    static func of(
        _ members: [FakeMember],
        config: BSONDocument? = nil,
        processes: [MemberName: MemberProcessState] = [:],
        editing edit: (inout ReplicaSetSnapshot) -> Void = { _ in }
    ) async throws -> HealthLook {
        var taken = try await ReplicaKitTests.snapshot(of: members, config: config)
        // The fake members' clock stands still.
        for index in taken.members.indices { taken.members[index].edit { $0.clockSkewSeconds = nil } }
        edit(&taken)
        return HealthLook(snapshot: taken, processes: processes)
    }
}

extension MemberSnapshot {
    /// Changes what the member answered, if it did.
    mutating func edit(_ body: (inout MemberView) -> Void) {
        guard case .reachable(var view) = outcome else { return }
        body(&view)
        outcome = .reachable(view)
    }
}

extension MemberView {
    /// Answers `serverStatus` with other values than the fake member's; keys may be paths with dots.
    mutating func answer(_ values: [String: BSONValue]) throws {
        var document = try serverStatus.get().document
        for (path, value) in values {
            document = document.setting(value, at: path.split(separator: "/").map(String.init))
        }
        serverStatus = .success(try ServerStatusReply(document: document))
    }
}

extension BSONDocument {
    fileprivate func setting(_ value: BSONValue, at path: [String]) -> BSONDocument {
        guard let first = path.first else { return self }
        var document = self
        if path.count == 1 {
            document[first] = value
        } else {
            let nested = document[first]?.documentValue ?? BSONDocument()
            document[first] = .document(nested.setting(value, at: Array(path.dropFirst())))
        }
        return document
    }
}
