/// What one member answered. Each answer stands alone: one that failed hides no other.
public struct MemberView: Sendable {
    /// An answer, or why there is none.
    public typealias Answer<Reply> = Result<Reply, ReplicaKitError>

    /// What it says it is.
    public var hello: HelloReply
    /// How long `hello` took on the open connection.
    public var roundTrip: Duration
    /// How far its clock is ahead of that of this machine, in seconds, negative when it is behind: precise to half of
    /// ``roundTrip``. `nil` when it was not compared.
    public var clockSkewSeconds: Double?
    /// Why we are not logged in there; `nil` when we are, or did not mean to be. `hello` needs no login.
    public var authenticationError: ReplicaKitError?
    /// Its own state and its view of the others.
    public var status: Answer<ReplSetStatusReply>
    /// The config that it has.
    public var config: Answer<ReplicaSetConfig>
    /// The state of its process, trimmed.
    public var serverStatus: Answer<ServerStatusReply>
    /// The oldest entry of its oplog; `nil` inside when the oplog is empty.
    public var oplogFirst: Answer<OplogEntry?>
    /// The newest entry of its oplog; `nil` inside when the oplog is empty.
    public var oplogLast: Answer<OplogEntry?>
    /// The first entry of the *primary's* oplog that this member has not applied; looked up only when the member is
    /// behind by more than a second.
    public var firstMissingEntry: OplogEntry?
    /// The version of the server, where it could be had.
    public var serverVersion: ServerVersion?
    /// What is asked only for health; `nil` when it was not, or the member holds no data.
    public var figures: MemberFigures?

    /// Creates a view; what is not given counts as not asked.
    public init(
        hello: HelloReply,
        roundTrip: Duration = .zero,
        clockSkewSeconds: Double? = nil,
        authenticationError: ReplicaKitError? = nil,
        status: Answer<ReplSetStatusReply> = .failure(.notAsked),
        config: Answer<ReplicaSetConfig> = .failure(.notAsked),
        serverStatus: Answer<ServerStatusReply> = .failure(.notAsked),
        oplogFirst: Answer<OplogEntry?> = .failure(.notAsked),
        oplogLast: Answer<OplogEntry?> = .failure(.notAsked),
        firstMissingEntry: OplogEntry? = nil,
        serverVersion: ServerVersion? = nil,
        figures: MemberFigures? = nil
    ) {
        self.hello = hello
        self.roundTrip = roundTrip
        self.clockSkewSeconds = clockSkewSeconds
        self.authenticationError = authenticationError
        self.status = status
        self.config = config
        self.serverStatus = serverStatus
        self.oplogFirst = oplogFirst
        self.oplogLast = oplogLast
        self.firstMissingEntry = firstMissingEntry
        self.serverVersion = serverVersion ?? (try? serverStatus.get())?.version
        self.figures = figures
    }
}

extension MemberView {
    /// How a member that was started for a set belongs to it.
    public enum Membership: Sendable, Hashable {
        /// It has a config and is in it.
        case active
        /// It was never initiated: it has no config.
        case uninitiated
        /// It has a config that it is not in.
        case removed
        /// It has no config that it is in, and would not say which of the two.
        case undetermined
    }

    /// How it belongs to the set.
    public var membership: Membership {
        guard hello.awaitsConfig else { return .active }
        if case .success = config { return .removed }
        guard case .failure(let error) = status else { return .undetermined }
        return switch error.server?.code {
        case ServerCode.notYetInitialized: .uninitiated
        case ServerCode.invalidReplicaSetConfig: .removed
        default: .undetermined
        }
    }

    /// Its state by its own answer: from `replSetGetStatus`, else what `hello` tells. `nil` when neither does.
    public var ownState: MemberState? {
        if case .success(let status) = status { return status.myState }
        if hello.isWritablePrimary { return .primary }
        if hello.isSecondary { return .secondary }
        if hello.isArbiter { return .arbiter }
        return switch membership {
        case .uninitiated: .startup
        case .removed: .removed
        case .active, .undetermined: nil
        }
    }

    /// The newest election term that it has heard of, by its own answer.
    public var term: Int64? {
        (try? status.get())?.term ?? (hello.isWritablePrimary ? hello.electionTerm : nil)
    }

    /// The last write it has applied, by its own answer; `nil` for an arbiter.
    public var applied: OpTime? {
        guard !hello.isArbiter else { return nil }
        return (try? status.get())?.applied ?? hello.lastWrite
    }

    /// For how long its process has run, in seconds, by its own answer.
    public var uptimeSeconds: Double? {
        (try? serverStatus.get())?.uptimeSeconds ?? (try? status.get())?.ownEntry?.uptimeSeconds.map(Double.init)
    }

    /// The member that it replicates from, by its own answer.
    public var syncSource: MemberAddress? { (try? status.get())?.syncSource }

    /// Why it could not be read fully; `nil` when it answered everything that a member of its kind answers.
    ///
    /// An arbiter holds no users, so that it lets nobody log in is as it should be.
    public var error: ReplicaKitError? {
        switch membership {
        case .uninitiated:
            return ReplicaKitError(
                .notInitiated,
                "it was started for a replica set that was never initiated",
                hint: "Set the replica set up: rkctl up."
            )
        case .removed:
            return ReplicaKitError(
                .notInitiated,
                "it is not in the config that it has: it was removed from the set",
                hint: "Add it to the set again, or take it out of the spec."
            )
        case .active, .undetermined:
            break
        }
        if let authenticationError, !hello.isArbiter { return authenticationError }
        let errors = [status.failure, config.failure, serverStatus.failure, oplogFirst.failure, oplogLast.failure]
        return errors.compactMap(\.self).first { error in
            error.code != .notAsked && !(hello.isArbiter && error.code.family == .authentication)
        }
    }
}

/// Numbers of server errors that a view is judged by.
enum ServerCode {
    static let invalidReplicaSetConfig = 93
    static let notYetInitialized = 94
}

extension Result {
    /// The error, if this is a failure.
    var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

extension ReplicaKitError {
    /// The error that stands for an answer that was never asked for.
    public static let notAsked = ReplicaKitError(.notAsked, "the member was not asked")
}

extension ReplicaKitError.Code {
    /// The member was not asked, because an earlier answer made the question pointless.
    public static let notAsked = Self(rawValue: "server.notAsked")
}
