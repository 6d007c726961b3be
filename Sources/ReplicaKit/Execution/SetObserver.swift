/// Looks at processes and servers once, for a procedure to decide on.
struct SetObserver: Sendable {
    let performer: StepPerformer

    /// All members at the same time; one that does not answer delays this by no more than the call's limit.
    ///
    /// - Parameter includingOperations: Also what the primary works on, and which backups are being made.
    func view(includingOperations: Bool = false) async throws -> SetView {
        let spec = performer.spec
        var view = SetView(spec: spec, canProvision: performer.toolbox.host is any MemberProvisioning)
        view.canRunStandalones = performer.toolbox.host is any StandaloneRunning
        view.processes = try await performer.states(of: spec.members.map(\.name))
        if let host = performer.toolbox.host as? any MemberProvisioning {
            for name in view.absent where try await host.leavesTraces(of: name) { view.traces.insert(name) }
        }
        // What does not run need not be asked; external members may.
        guard view.processes.values.contains(where: \.mayAnswer) else { return view }
        let snapshot = try await SnapshotTaker(
            spec: spec,
            authentication: try performer.access.authentication(.setItself),
            toolbox: performer.toolbox,
            timeout: performer.limits.call
        ).take()
        for member in snapshot.members {
            guard let name = member.name else { continue }
            if member.isReachable { view.answering.insert(name) }
            if let error = member.error, error.isInTheWay { view.problems[name] = error }
        }
        view.config = snapshot.currentConfig
        let judged = JudgedSnapshot(snapshot)
        for member in snapshot.members where member.isReachable {
            view.standings[member.configAddress] = MemberStanding(
                state: member.view?.ownState,
                lagSeconds: judged.lag(of: member)?.seconds,
                applied: member.view?.applied
            )
            guard let status = try? member.view?.status.get() else { continue }
            view.sightings += status.sightings(by: member.configAddress)
            view.lastCommitted = [view.lastCommitted, status.lastCommitted].compactMap(\.self).max()
            for other in status.members where !other.isSelf {
                view.heard[other.address] = [view.heard[other.address], other.applied].compactMap(\.self).max()
            }
        }
        view.primary = judged.primary?.address
        guard let primary = view.primary else { return view }
        if includingOperations {
            view.operations = try await performer.access.run(CurrentOp(), on: primary).operations
            await lookForBackups(&view)
        }
        view.hasAdministrator = try? await performer.administratorCanLogIn(to: primary)
        view.hasDefaultWriteConcern = try? await performer.access.run(GetDefaultRWConcern(), on: primary).isExplicit
        return view
    }

    /// Which members are locked for a copy of their files, or read by a program that makes a backup.
    private func lookForBackups(_ view: inout SetView) async {
        let access = performer.access
        let members = view.standings.filter { [.primary, .secondary].contains($0.value.state) }.map(\.key)
        let answers = await access.answers(of: members) { host in
            try await access.with(host, as: .setItself) { connection in
                (
                    isLocked: try await connection.run(FsyncLockState(), timeout: access.timeout).isLocked,
                    programs: try await connection.run(ClientOperations(), timeout: access.timeout).programs
                )
            }
        }
        for (host, answer) in answers {
            if answer.isLocked { view.locked.insert(host) }
            let backups = answer.programs.map(\.name).filter(ClientOperations.backupPrograms.contains)
            if !backups.isEmpty { view.backups[host] = backups.sorted() }
        }
    }
}

extension MemberProcessState {
    fileprivate var mayAnswer: Bool {
        switch self {
        case .running, .unknown: true
        case .absent, .stopped: false
        }
    }
}

extension ReplicaKitError {
    /// Whether a member that answers so is not the member that the spec means. One that was never initiated, or that
    /// does not answer yet, may still become it.
    fileprivate var isInTheWay: Bool {
        code.family == .authentication || (code.family == .topology && code != .notInitiated)
    }
}
