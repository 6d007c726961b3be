import Logging
import ReplicaKit
import TestSupport

/// A driver to whose members nobody listens.
struct RefusingDriver: MemberDriver {
    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        throw ReplicaKitError(.connectionRefused, "nothing listens", member: address)
    }
}

/// A driver that never answers, whatever its time limit is: what must not happen, and what the monitor outlives.
struct HangingDriver: MemberDriver {
    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await Task.sleep(for: .seconds(86_400))
        throw ReplicaKitError(.connectionTimedOut, "no answer", member: address)
    }
}

extension ReplicaSet {
    /// A set of one member that is reached with a stub.
    static func stub(_ name: ReplicaSetName, _ driver: any MemberDriver, timeout: Duration = .seconds(5)) -> ReplicaSet
    {
        var spec = ReplicaSetSpec(
            name: name,
            members: [MemberSpec(name: "a", host: MemberAddress(host: "127.0.0.1", port: 1))],
            runtime: .external
        )
        // Any variable that is set will do: nothing is ever logged in to.
        spec.security.admin.password = .env("PATH")
        return ReplicaSet(
            spec: spec,
            baseDirectory: "/nonexistent",
            toolbox: Toolbox(driver: driver, host: ExternalHost(), logger: .silent),
            limits: StepLimits(call: timeout)
        )
    }
}
