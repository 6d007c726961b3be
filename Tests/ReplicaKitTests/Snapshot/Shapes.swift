import ReplicaKit

/// Replies as a mongod 6.0.5 gave them, trimmed, with the values that tests vary.
enum Shapes {
    /// The time that every reply of a snapshot has, in milliseconds: 2026-11-23T08:41:24Z.
    static let now: Int64 = 1_795_423_284_000

    static func address(_ number: Int) -> MemberAddress { MemberAddress(host: "127.0.0.1", port: 27300 + number) }

    static func date(_ milliseconds: Int64) -> BSONValue { .dateTime(BSONDateTime(milliseconds: milliseconds)) }

    /// An optime whose entry was written `age` milliseconds before ``now``.
    static func opTime(age: Int64, term: Int64) -> BSONValue {
        ["ts": .timestamp(timestamp(age: age)), "t": .int64(term)]
    }

    static func timestamp(age: Int64) -> BSONTimestamp {
        let written = now - age
        return BSONTimestamp(seconds: UInt32(written / 1000), increment: UInt32(written % 1000 + 1))
    }

    static func hello(_ member: FakeMember, members: [FakeMember], set: String = "rs0") -> BSONDocument {
        guard member.isInitiated else {
            return [
                "isWritablePrimary": false, "secondary": false, "info": "Does not have a valid replica set config",
                "isreplicaset": true, "maxWireVersion": 17, "localTime": date(now), "ok": 1.0,
            ]
        }
        var document: BSONDocument = [
            "hosts": hosts(members) { !$0.isArbiter && $0.priority > 0 },
            "passives": hosts(members) { !$0.isArbiter && $0.priority == 0 && !$0.isHidden },
            "arbiters": hosts(members) { $0.isArbiter },
            "setName": .string(set), "setVersion": 1,
            "isWritablePrimary": .bool(member.state == .primary),
            "secondary": .bool(member.state == .secondary),
            "me": .string(member.address.description), "localTime": date(now), "maxWireVersion": 17, "ok": 1.0,
        ]
        if let primary = member.knownPrimary { document.append("primary", .string(primary.description)) }
        if member.isArbiter { document.append("arbiterOnly", true) }
        if member.state == .primary {
            var bytes: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
            bytes += withUnsafeBytes(of: member.term.bigEndian, Array.init)
            document.append("electionId", ObjectID(bytes: bytes).map { .objectID($0) } ?? .null)
        }
        document.append("lastWrite", ["opTime": opTime(age: member.lastWriteAge, term: member.term)])
        return document
    }

    static func status(_ member: FakeMember, members: [FakeMember], set: String = "rs0") -> BSONDocument {
        let own = opTime(age: member.lastWriteAge, term: member.term)
        return [
            "set": .string(set), "date": date(now), "myState": .integer(member.state.rawValue),
            "term": .int64(member.term), "syncSourceHost": .string(member.syncSource?.description ?? ""),
            "majorityVoteCount": 2, "writeMajorityCount": 2, "votingMembersCount": .integer(members.count),
            "optimes": [
                "lastCommittedOpTime": own, "appliedOpTime": own,
                "durableOpTime": member.isArbiter
                    ? ["ts": .timestamp(BSONTimestamp(rawValue: 0)), "t": -1] : own,
                "lastAppliedWallTime": date(now - member.lastWriteAge),
            ],
            "members": .array(BSONArray(members.map { entry($0, seenBy: member) })),
            "ok": 1.0,
        ]
    }

    private static func entry(_ member: FakeMember, seenBy viewer: FakeMember) -> BSONValue {
        let seen = viewer.sees[member.number] ?? member.state
        var document: BSONDocument = [
            "_id": .integer(member.number), "name": .string(member.address.description),
            "health": .double(seen == .down ? 0 : 1), "state": .integer(seen.rawValue),
            "stateStr": .string(seen.description), "uptime": 34,
        ]
        if seen == .down {
            document.append("optime", ["ts": .timestamp(BSONTimestamp(rawValue: 0)), "t": -1])
            document.append("optimeDate", date(0))
        }
        if member.number == viewer.number {
            document.append("self", true)
        } else {
            document.append("lastHeartbeatRecv", date(now - 500 - Int64(viewer.number)))
        }
        return .document(document)
    }

    static func config(_ members: [FakeMember], version: Int = 1, term: Int64 = 1, set: String = "rs0") -> BSONDocument
    {
        let list = members.map { member -> BSONValue in
            [
                "_id": .integer(member.number), "host": .string(member.address.description),
                "arbiterOnly": .bool(member.isArbiter), "buildIndexes": true, "hidden": .bool(member.isHidden),
                "priority": .double(member.priority), "tags": [:],
                "secondaryDelaySecs": .int64(Int64(member.delaySeconds)), "votes": .integer(member.votes),
            ]
        }
        return [
            "_id": .string(set), "version": .integer(version), "term": .int64(term), "members": .array(BSONArray(list)),
            "protocolVersion": .int64(1), "settings": ["heartbeatIntervalMillis": 2000],
        ]
    }

    static func serverStatus(_ member: FakeMember) -> BSONDocument {
        [
            "host": .string("vm:\(member.address.port)"), "version": .string(member.version), "process": "mongod",
            "pid": .int64(12378), "uptime": 36.0, "localTime": date(now),
            "connections": ["current": 7, "available": 15993], "opcounters": ["insert": .int64(3), "query": .int64(4)],
            "flowControl": ["enabled": true, "isLagged": false], "ok": 1.0,
        ]
    }

    static func cursor(_ entry: OplogEntry?) -> BSONDocument {
        let documents: [BSONValue] =
            entry.map { entry in
                [
                    [
                        "ts": .timestamp(entry.timestamp), "t": .int64(entry.term ?? 1),
                        "wall": entry.wall.map { .dateTime($0) } ?? .null,
                    ]
                ]
            } ?? []
        return [
            "cursor": ["firstBatch": .array(BSONArray(documents)), "id": .int64(0), "ns": "local.oplog.rs"], "ok": 1.0,
        ]
    }

    private static func hosts(_ members: [FakeMember], where isIn: (FakeMember) -> Bool) -> BSONValue {
        .array(BSONArray(members.filter(isIn).map { .string($0.address.description) }))
    }
}
