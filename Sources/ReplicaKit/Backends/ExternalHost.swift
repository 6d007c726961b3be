/// The host of members that someone else runs: it can look at nothing and do nothing, and says so.
public struct ExternalHost: MemberHost {
    /// Creates the host.
    public init() {}

    /// `external`.
    public var kind: String { "external" }

    /// Always ``MemberProcessState/unknown``.
    public func state(of member: MemberName) async throws -> MemberProcessState { .unknown }

    /// Always refused.
    public func start(_ member: MemberName) async throws { throw unsupported("start", member) }

    /// Always refused.
    public func stop(_ member: MemberName, grace: Duration) async throws -> MemberExit {
        throw unsupported("stop", member)
    }

    /// Always refused.
    public func waitForExit(of member: MemberName, timeout: Duration) async throws -> MemberExit? {
        throw unsupported("watch", member)
    }

    /// Always refused.
    public func log(
        of member: MemberName,
        lastLines: Int,
        follow: Bool
    ) async throws -> AsyncThrowingStream<String, any Error> {
        throw unsupported("read the log of", member)
    }

    private func unsupported(_ what: String, _ member: MemberName) -> ReplicaKitError {
        ReplicaKitError(
            .hostUnsupported,
            "cannot \(what) \(member): the spec says that someone else runs the members",
            hint: "Do it with whatever runs them, or give the spec a runtime (runtime: {process: …})."
        )
    }
}
