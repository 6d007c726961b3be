extension ReplicaSet {
    /// The set as its members see it now: every member is asked, all at the same time, as the administrator.
    ///
    /// - Parameter timeout: How long a member may take to answer; `nil` is the limit of one call.
    /// - Returns: What they answered. Members that did not are part of it, with their error.
    /// - Throws: ``ReplicaKitError/Code/secretMissing`` and the like when the administrator's password cannot be read.
    public func snapshot(timeout: Duration? = nil) async throws -> ReplicaSetSnapshot {
        try await SnapshotTaker(
            spec: spec,
            authentication: performer.access.authentication(.administrator),
            toolbox: toolbox,
            timeout: timeout ?? limits.call
        ).take()
    }
}
