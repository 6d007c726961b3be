import ReplicaKit

/// A member of a look that is made up: what it says of itself, as a mongod 6.0.5 says it.
struct FakeMember {
    var name: String
    var port: Int
    var state: MemberState = .secondary
    var term: Int64 = 1
    var reason = "electionTimeout"
    var pid: Int64 = 100
    var uptime = 1000.0
    var isReachable = true
    var isInConfig = true
    /// How old its last write is, in milliseconds.
    var writeAge: Int64 = 0
    /// `opLatencies.reads.histogram`, from microseconds on.
    var reads: [(micros: Int64, count: Int64)] = [(256, 3), (3072, 2)]

    var address: MemberAddress { MemberAddress(host: "10.0.0.1", port: port) }
    var subject: Finding.Subject { Finding.Subject(name: MemberName(rawValue: name), host: address) }
}

extension [FakeMember] {
    /// Three members, of which `a` is the primary.
    static var healthy: [FakeMember] {
        [
            FakeMember(name: "a", port: 1, state: .primary), FakeMember(name: "b", port: 2),
            FakeMember(name: "c", port: 3),
        ]
    }

    /// The same members with one of them changed.
    func changing(_ name: String, _ change: (inout FakeMember) -> Void) -> [FakeMember] {
        map { member in
            var member = member
            if member.name == name { change(&member) }
            return member
        }
    }
}

/// Makes looks out of made-up members.
enum Looks {
    /// 2026-11-23T08:40:00Z, on a whole minute.
    static let start: Int64 = 1_795_423_200_000

    /// A look `seconds` after the start.
    static func examination(
        _ members: [FakeMember],
        at seconds: Double = 0,
        set: ReplicaSetName = "rs0",
        configVersion: Int = 1,
        findings: [Finding] = [],
        unjudged: [HealthReport.Unjudged] = []
    ) throws -> HealthExamination {
        let now = start + Int64(seconds * 1000)
        let config = try ReplicaSetConfig(document: config(members, version: configVersion, set: set))
        let snapshots = try members.map { member in
            MemberSnapshot(
                address: member.address,
                spec: MemberSpec(name: MemberName(rawValue: member.name), host: member.address),
                id: config.member(member.address)?.id,
                outcome: member.isReachable
                    ? .reachable(try view(member, members, config, now))
                    : .unreachable(ReplicaKitError(.connectionRefused, "nothing listens", member: member.address))
            )
        }
        let snapshot = ReplicaSetSnapshot(
            takenAt: BSONDateTime(milliseconds: now),
            setName: set,
            members: snapshots
        )
        let spec = ReplicaSetSpec(name: set, members: snapshots.compactMap(\.spec), runtime: .external)
        let look = HealthLook(snapshot: snapshot, tookSeconds: 0.25)
        var report = HealthExaminer(spec: spec, rules: []).report(on: look)
        report.findings = findings
        report.unjudged = unjudged
        return HealthExamination(look: look, report: report)
    }

    /// A finding of a rule, of a member or the set.
    static func finding(_ rule: HealthRuleID, _ member: FakeMember? = nil, _ severity: Severity = .warning) -> Finding {
        Finding(
            rule: rule,
            severity: severity,
            priority: .p2,
            member: member?.subject,
            message: "\(rule) is wrong",
            remedy: "mend it"
        )
    }

    private static func date(_ milliseconds: Int64) -> BSONValue { .dateTime(BSONDateTime(milliseconds: milliseconds)) }

    private static func view(
        _ member: FakeMember,
        _ members: [FakeMember],
        _ config: ReplicaSetConfig,
        _ now: Int64
    ) throws -> MemberView {
        MemberView(
            hello: try HelloReply(document: hello(member, config.setName, now)),
            roundTrip: .milliseconds(2),
            status: .success(try ReplSetStatusReply(document: status(member, members, config.setName, now))),
            config: .success(config),
            serverStatus: .success(try ServerStatusReply(document: serverStatus(member, now)))
        )
    }

    private static func hello(_ member: FakeMember, _ set: ReplicaSetName, _ now: Int64) -> BSONDocument {
        var document: BSONDocument = [
            "setName": .string(set.rawValue), "setVersion": 1, "isWritablePrimary": .bool(member.state == .primary),
            "secondary": .bool(member.state == .secondary), "arbiterOnly": .bool(member.state == .arbiter),
            "me": .string(member.address.description), "localTime": date(now), "ok": 1.0,
        ]
        if member.state == .primary {
            let bytes = [0x7f, 0xff, 0xff, 0xff] + withUnsafeBytes(of: member.term.bigEndian, Array.init)
            document.append("electionId", ObjectID(bytes: bytes).map { .objectID($0) } ?? .null)
        }
        return document
    }

    private static func status(
        _ member: FakeMember,
        _ members: [FakeMember],
        _ set: ReplicaSetName,
        _ now: Int64
    ) -> BSONDocument {
        let written = now - member.writeAge
        let opTime: BSONValue = [
            "ts": .timestamp(BSONTimestamp(seconds: UInt32(written / 1000), increment: 1)), "t": .int64(member.term),
        ]
        let entries = members.enumerated().map { index, other -> BSONValue in
            [
                "_id": .integer(index), "name": .string(other.address.description),
                "health": .double(other.isReachable ? 1 : 0),
                "state": .integer((other.isReachable ? other.state : .down).rawValue),
                "self": .bool(other.name == member.name), "lastHeartbeatRecv": date(now),
            ]
        }
        var document: BSONDocument = [
            "set": .string(set.rawValue), "date": date(now), "myState": .integer(member.state.rawValue),
            "term": .int64(member.term),
            "optimes": [
                "appliedOpTime": opTime, "lastCommittedOpTime": opTime, "lastAppliedWallTime": date(written),
            ],
            "members": .array(BSONArray(entries)), "ok": 1.0,
        ]
        if member.state == .primary {
            document.append(
                "electionCandidateMetrics",
                ["lastElectionReason": .string(member.reason), "lastElectionDate": date(start - 5000)]
            )
        }
        return document
    }

    private static func config(_ members: [FakeMember], version: Int, set: ReplicaSetName) -> BSONDocument {
        let list = members.enumerated().filter(\.element.isInConfig).map { index, member -> BSONValue in
            [
                "_id": .integer(index), "host": .string(member.address.description), "votes": 1, "priority": 1.0,
                "arbiterOnly": .bool(member.state == .arbiter),
            ]
        }
        return [
            "_id": .string(set.rawValue), "version": .integer(version), "term": 1, "members": .array(BSONArray(list)),
        ]
    }

    private static func serverStatus(_ member: FakeMember, _ now: Int64) -> BSONDocument {
        let reads = member.reads.map { bucket -> BSONValue in
            ["micros": .int64(bucket.micros), "count": .int64(bucket.count)]
        }
        return [
            "version": "6.0.5", "pid": .int64(member.pid), "uptime": .double(member.uptime), "localTime": date(now),
            "connections": ["current": 7, "available": 93, "totalCreated": 40],
            "opcounters": ["insert": .int64(3), "query": .int64(4)],
            "network": ["bytesIn": .int64(1000), "bytesOut": .int64(2000), "numRequests": .int64(12)],
            "opLatencies": ["reads": ["latency": .int64(9000), "ops": 5, "histogram": .array(BSONArray(reads))]],
            "ok": 1.0,
        ]
    }
}
