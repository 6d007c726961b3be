import ReplicaKit

/// Follows the oplog of one member, until it fails.
struct OplogFollowing<C: Clock>: Sendable where C.Duration == Duration {
    let archiver: OplogArchiver
    let clock: C
    let writer: OplogArchiveWriter
    var chain: OplogArchiveWriter.Chain?
    let setID: String?
    let untilCaughtUp: Bool

    /// When so much waits for a majority, no more is read.
    private static var waitingLimit: Int { 64 << 20 }
    private var settings: OplogArchiver.Settings { archiver.settings }

    /// - Throws: ``LostTrack`` when the member's oplog does not go on where the archive ends.
    mutating func run(on member: MemberSpec, _ report: (OplogArchiveEvent) -> Void) async throws {
        let access = MemberAccess(
            spec: archiver.set.spec,
            driver: archiver.set.toolbox.driver,
            secrets: archiver.set.secrets,
            timeout: settings.timeout
        )
        // `self` cannot be changed from within the closure.
        let following = self
        try await access.with(member.host, as: access.bestIdentity) { connection in
            var following = following
            try await following.follow(connection, report)
        }
    }

    /// A number that grows with every rollback of a member.
    private func rollbackID(_ connection: any MemberConnection) async throws -> Int {
        let status = try await connection.run(ServerStatus(including: ["repl"]), timeout: settings.timeout)
        guard let id = status.rollbackID else {
            throw ReplicaKitError(
                .unexpectedReply,
                "serverStatus does not say repl.rbid: rollbacks would go unnoticed",
                member: connection.address
            )
        }
        return id
    }

    private mutating func follow(
        _ connection: any MemberConnection,
        _ report: (OplogArchiveEvent) -> Void
    ) async throws {
        let rollbackID = try await rollbackID(connection)
        let goal = try await committed(connection)
        var chain: OplogArchiveWriter.Chain
        if let open = self.chain {
            chain = open
        } else {
            chain = try await writer.begin(after: goal, set: archiver.set.spec.name, setID: setID)
            report(.began(timeline: chain.begin.timeline, after: goal))
        }
        let cursor = try await cursor(after: chain.last, connection)
        report(.following(timeline: chain.begin.timeline, after: chain.last, member: connection.address))
        var buffer = OplogEntryBuffer()
        var lastSaved = clock.now
        var isFirst = true
        while !untilCaughtUp || chain.last < goal {
            if buffer.byteCount < Self.waitingLimit {
                try await read(cursor, into: &buffer, after: chain.last, isFirst: &isFirst, connection)
            } else {
                try await clock.sleep(for: .seconds(1))
            }
            let waited = lastSaved.duration(to: clock.now)
            let isDue = waited >= settings.interval || buffer.byteCount >= settings.sliceBytes
            guard isDue || (untilCaughtUp && buffer.last.map { $0 >= goal } ?? false) else { continue }
            let majority = try await committed(connection)
            var saved = false
            while let entries = buffer.take(through: majority, limit: settings.sliceBytes) {
                // What was read before a rollback may not be what the set has.
                guard try await self.rollbackID(connection) == rollbackID else {
                    throw ReplicaKitError(.overtaken, "the member rolled back writes", member: connection.address)
                }
                let slice = try await writer.append(entries, to: &chain)
                report(.saved(slice, entries: entries.count, bytes: entries.bytes.count))
                saved = true
            }
            if saved {
                lastSaved = clock.now
            } else if waited >= max(settings.stall, settings.interval) {
                throw ReplicaKitError(
                    .connectionTimedOut,
                    "a majority has had no new entry for \(waited / .seconds(1)) s",
                    member: connection.address
                )
            }
        }
    }

    /// The last entry that the member knows a majority to have; it is of the member's own history.
    private func committed(_ connection: any MemberConnection) async throws -> OpTime {
        guard let time = try await connection.run(ReplSetGetStatus(), timeout: settings.timeout).lastCommitted else {
            throw ReplicaKitError(
                .serverTimedOut,
                "it knows of no entry that a majority has",
                member: connection.address
            )
        }
        return time
    }

    /// Opens a cursor at the last saved entry, unless the member is behind it.
    private func cursor(after last: OpTime, _ connection: any MemberConnection) async throws -> any DocumentCursor {
        let newest = try await connection.run(FindOplogEntry(.last), timeout: settings.timeout).entry
        if (newest?.timestamp ?? BSONTimestamp(rawValue: 0)) < last.timestamp {
            if try await connection.run(Hello(), timeout: settings.timeout).isWritablePrimary {
                throw LostTrack(
                    reason: .rolledBack,
                    message: "\(connection.address), the primary, has nothing as new as the last saved entry"
                )
            }
            throw ReplicaKitError(.overtaken, "the member is behind the archive", member: connection.address)
        }
        return try await connection.cursor(
            [
                "find": "oplog.rs", "filter": ["ts": ["$gte": .timestamp(last.timestamp)]],
                "tailable": true, "awaitData": true, "noCursorTimeout": true, "readConcern": ["level": "local"],
            ],
            on: "local",
            timeout: settings.timeout
        )
    }

    /// Reads what is there. The first entry of all is the one that is saved already: it proves that nothing is missing.
    private func read(
        _ cursor: any DocumentCursor,
        into buffer: inout OplogEntryBuffer,
        after last: OpTime,
        isFirst: inout Bool,
        _ connection: any MemberConnection
    ) async throws {
        guard let batch = try await cursor.nextBatch() else {
            throw ReplicaKitError(.connectionClosed, "the oplog's cursor ended", member: connection.address)
        }
        var bytes = batch.bytes[...]
        while let entry = try BSONDocument(takingFrom: &bytes) {
            guard let time = OpTime(oplogEntry: entry) else {
                throw ReplicaKitError(.unexpectedReply, "an entry has no timestamp", member: connection.address)
            }
            if isFirst {
                guard time == last else { throw try await lostTrack(last, found: time, connection) }
                isFirst = false
            } else {
                buffer.append(entry, at: time)
            }
        }
    }

    private func lostTrack(
        _ last: OpTime,
        found: OpTime,
        _ connection: any MemberConnection
    ) async throws -> LostTrack {
        let oldest = try await connection.run(FindOplogEntry(.first), timeout: settings.timeout).entry
        if let oldest, oldest.timestamp > last.timestamp {
            return LostTrack(
                reason: .rolledOver,
                message: "the oplog of \(connection.address) begins at \(oldest.timestamp), after the last saved entry"
            )
        }
        return LostTrack(
            reason: .rolledBack,
            message: "\(connection.address) has the entry of \(found) where the last saved one should be"
        )
    }
}
