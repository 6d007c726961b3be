/// Questions to one member, one after the other until the deadline.
///
/// After an error of the connection the rest fails with the same, unasked: the connection is dead.
struct Conversation<C: Clock<Duration>> {
    let connection: any MemberConnection
    let clock: C
    let deadline: C.Instant
    private var broken: ReplicaKitError?

    init(connection: any MemberConnection, clock: C, deadline: C.Instant) {
        self.connection = connection
        self.clock = clock
        self.deadline = deadline
    }

    mutating func ask<Command: ServerCommand>(_ command: Command) async -> MemberView.Answer<Command.Reply> {
        if let broken { return .failure(broken) }
        do {
            let left = clock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled else { throw ReplicaKitError.outOfTime(connection.address) }
            return .success(try await connection.run(command, timeout: left))
        } catch let error as ReplicaKitError {
            let error = error.at(connection.address)
            if error.code.family == .connection { broken = error }
            return .failure(error)
        } catch is CancellationError {
            let error = ReplicaKitError.outOfTime(connection.address)
            broken = error
            return .failure(error)
        } catch {
            return .failure(
                ReplicaKitError(.connectionFailed, "\(Command.name) failed: \(error)", member: connection.address)
            )
        }
    }
}

extension ReplicaKitError {
    static func outOfTime(_ address: MemberAddress) -> ReplicaKitError {
        ReplicaKitError(
            .connectionTimedOut,
            "the member did not answer in time",
            member: address,
            hint: "The member hangs, is overloaded, or a firewall drops its traffic: look at its process and log."
        )
    }
}

extension MemberAuthentication {
    /// Whether an arbiter, which has no users, lets one log in so.
    var worksOnArbiters: Bool {
        switch self {
        case .none, .keyFile: true
        case .password, .certificate: false
        }
    }
}
