/// One look at a lost member.
struct LostMemberSighting: Sendable, Hashable {
    /// What the host sees of its process; `nil` where it cannot tell.
    var process: MemberProcessState?
    /// Its own word of its state; `nil` when it did not answer.
    var state: MemberState?
    /// Whether it accepts writes.
    var acceptsWrites = false
    /// Its last write.
    var applied: OpTime?
    /// Whether the primary has that write too; `nil` when that was not found out.
    var isSharedWithPrimary: Bool?
    /// What its log says of the rollbacks of its present run.
    var rollbacks: [Rollback] = []
    /// How many seconds it is behind the primary; `nil` without a primary.
    var secondsBehind: Int?
    /// Whether it is an arbiter, which has no data to catch up with.
    var isArbiter = false

    /// A rollback, as the server's log sums it up.
    struct Rollback: Sendable, Hashable {
        /// How many entries of the oplog were taken back.
        var entries: Int?
        /// Where their documents are, by the path that the server sees; `nil` where none were kept.
        var files: String?
    }

    /// Whether nothing more is to be waited for.
    var isBack: Bool {
        if isArbiter { return state == .arbiter || state == .removed }
        return state == .secondary && isSharedWithPrimary == true && secondsBehind.map { $0 <= 1 } ?? false
    }
}

/// What was told of a lost member: turns looks at it into what is new.
struct LostMemberTrail: Sendable, Hashable {
    let member: MemberName
    private var told: Set<LostMemberEvent.Kind> = []
    private var toldRollbacks = 0
    private(set) var last: LostMemberSighting?

    init(_ member: MemberName) { self.member = member }

    /// Whether it is back.
    var isBack: Bool { last?.isBack ?? false }

    /// Takes a look, and gives what it has to tell.
    mutating func take(_ sighting: LostMemberSighting) -> [LostMemberEvent] {
        defer { last = sighting }
        guard let state = sighting.state else {
            // What it does when it is back next time is told again.
            if last == nil || last?.state != nil { told = [] }
            toldRollbacks = 0
            return tell(.absent, "\(member) \(absence(sighting))")
        }
        told.remove(.absent)
        var events = tell(.answering, "\(member) answers: it is \(state)")
        if sighting.acceptsWrites {
            events += tell(
                .stalePrimary,
                "\(member) accepts writes that the set will not keep: it has not heard of the primary that a majority "
                    + "follows. Keep clients away from it, or end it: rkctl stop \(member) --emergency"
            )
        }
        if sighting.isSharedWithPrimary == false, let applied = sighting.applied {
            events += tell(
                .diverged,
                "\(member) has writes up to \(applied) that the set has not: they are rolled back before it serves"
            )
        }
        if state == .rollback { events += tell(.rollingBack, "\(member) takes back the writes that the set has not") }
        for rollback in sighting.rollbacks.dropFirst(toldRollbacks) {
            let count = rollback.entries.map { "\($0) entries of its oplog" } ?? "writes"
            let files = rollback.files.map { "; what was in them is kept in \($0)" } ?? "; no documents were in them"
            events.append(LostMemberEvent(.rolledBack, member, "\(member) has taken back \(count)\(files)"))
        }
        toldRollbacks = max(toldRollbacks, sighting.rollbacks.count)
        if sighting.isBack { events += tell(.back, "\(member) is \(state) and has caught up") }
        return events
    }

    /// Why it is not back, for a sentence.
    var missing: String {
        guard let last else { return "\(member) was never seen" }
        guard let state = last.state else { return "\(member) \(absence(last))" }
        return "\(member) is \(state)" + (last.secondsBehind.map { ", \($0) s behind" } ?? "")
    }

    private mutating func tell(_ kind: LostMemberEvent.Kind, _ message: String) -> [LostMemberEvent] {
        told.insert(kind).inserted ? [LostMemberEvent(kind, member, message)] : []
    }

    private func absence(_ sighting: LostMemberSighting) -> String {
        switch sighting.process {
        case .stopped(let exit): "does not run (\(exit.description)): rkctl start \(member)"
        case .absent: "is not there: rkctl up makes it"
        case .running: "runs and does not answer"
        case .unknown, nil: "does not answer"
        }
    }
}
