#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything that one member is asked, one question after the other on one connection.
struct MemberQuestion<C: Clock<Duration>>: Sendable {
    let setName: ReplicaSetName
    let driver: any MemberDriver
    let authentication: MemberAuthentication
    /// Whether the member is known to be an arbiter, which has no users.
    let isArbiter: Bool
    /// Whether it is asked for what health is judged by, too.
    let isForHealth: Bool
    let clock: C
    let deadline: C.Instant

    private var timeLeft: Duration { max(.zero, clock.now.duration(to: deadline)) }

    /// Asks, and never fails: what went wrong is the answer. A cancelled task counts as the end of the time.
    func ask(_ address: MemberAddress) async -> MemberSnapshot.Outcome {
        let identity = isArbiter && !authentication.worksOnArbiters ? .none : authentication
        do {
            return try await ask(address, as: identity, refusal: nil)
        } catch let error as ReplicaKitError where error.code.family == .authentication && identity != .none {
            // `hello` needs no login: tell at least what the member is.
            let refusal = error.at(address)
            return (try? await ask(address, as: .none, refusal: refusal)) ?? .unreachable(refusal)
        } catch let error as ReplicaKitError {
            return .unreachable(error.at(address))
        } catch is CancellationError {
            return .unreachable(.outOfTime(address))
        } catch {
            return .unreachable(
                ReplicaKitError(.connectionFailed, "the member could not be asked: \(error)", member: address)
            )
        }
    }

    private func ask(
        _ address: MemberAddress,
        as identity: MemberAuthentication,
        refusal: ReplicaKitError?
    ) async throws -> MemberSnapshot.Outcome {
        try await driver.withConnection(to: address, as: identity, timeout: timeLeft) { connection in
            let (start, asked) = (clock.now, Date())
            let hello = try await connection.run(Hello(), timeout: timeLeft)
            let roundTrip = start.duration(to: clock.now)
            if let error = foreign(hello, address) { return .foreign(error, hello) }
            // The member read its clock somewhere between the question and the answer.
            let midway = asked.addingTimeInterval(roundTrip.seconds / 2)
            var view = MemberView(
                hello: hello,
                roundTrip: roundTrip,
                clockSkewSeconds: hello.localTime.date.timeIntervalSince(midway),
                authenticationError: refusal
            )
            await complete(&view, on: connection)
            if view.membership == .removed, let other = try? view.config.get().setName, other != setName {
                return .foreign(wrongSet(other, address), hello)
            }
            return .reachable(view)
        }
    }

    /// Asks everything but `hello`.
    private func complete(_ view: inout MemberView, on connection: any MemberConnection) async {
        var conversation = Conversation(connection: connection, clock: clock, deadline: deadline)
        view.status = await conversation.ask(ReplSetGetStatus())
        let isRefused = view.authenticationError != nil || view.hello.isArbiter
        if isRefused, let error = view.status.failure, error.code.family == .authentication {
            // Not logged in, and the localhost exception does not hold: it would refuse the rest too.
            let refusal = view.authenticationError ?? error
            view.status = .failure(refusal)
            view.config = .failure(refusal)
            view.serverStatus = .failure(refusal)
            view.serverVersion = try? await conversation.ask(BuildInfo()).get().version
            return
        }
        view.config = await conversation.ask(ReplSetGetConfig()).map(\.config)
        view.serverStatus = await conversation.ask(isForHealth ? .forHealth : ServerStatus())
        if case .success(let status) = view.serverStatus {
            view.serverVersion = status.version
        } else {
            view.serverVersion = try? await conversation.ask(BuildInfo()).get().version
        }
        guard !view.hello.isArbiter, view.membership == .active else { return }
        view.oplogFirst = await conversation.ask(FindOplogEntry(.first)).map(\.entry)
        view.oplogLast = await conversation.ask(FindOplogEntry(.last)).map(\.entry)
        if isForHealth { view.figures = await MemberFigures(asking: &conversation, of: view) }
    }

    private func foreign(_ hello: HelloReply, _ address: MemberAddress) -> ReplicaKitError? {
        if let other = hello.setName { return other == setName ? nil : wrongSet(other, address) }
        if hello.awaitsConfig { return nil }
        return ReplicaKitError(
            .notReplicaSetMember,
            hello.isRouter
                ? "a router (mongos) answers there, which is no member of a replica set"
                : "a standalone server answers there, which is no member of a replica set",
            member: address,
            hint: "Check the address in the spec, and that the server was started with --replSet \(setName)."
        )
    }

    private func wrongSet(_ other: ReplicaSetName, _ address: MemberAddress) -> ReplicaKitError {
        ReplicaKitError(
            .wrongReplicaSet,
            "a member of the replica set \(other) answers there, not of \(setName)",
            member: address,
            hint: "Check the name of the set and the address in the spec."
        )
    }
}
