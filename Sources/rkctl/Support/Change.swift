import ArgumentParser
import ReplicaKit

extension Session {
    /// Brings a set to what is intended: shows the plan, asks where something is lost for good, runs it, shows how.
    ///
    /// - Parameters:
    ///   - intent: What the user wants.
    ///   - options: Whether to run it at all, and without asking.
    func change(_ intent: Intent, _ options: ChangeOptions) async throws {
        try await change(intent, of: try replicaSet(), options)
    }

    /// As ``change(_:_:)``, of a set that was opened to find out what the user wants.
    func change(_ intent: Intent, of set: ReplicaSet, _ options: ChangeOptions) async throws {
        if options.dryRun { return try show(await set.propose(intent), of: intent, in: set) }
        let progress = ProgressView(output: output, isLive: Terminal.error.isInteractive && !self.options.verbose)
        let consent = Consent(set: set.spec.name, danger: options.yes ? nil : intent.danger, canAsk: !output.isJSON)
        let found = try await progress.during {
            try await set.apply(intent) { plan in
                for warning in plan.warnings { progress.warn(warning) }
                return try await consent.given()
            } events: { event in
                progress.receive(event)
            }
        }
        guard let found else { throw Consent.refusal }
        // The spec forgets a member when nothing is left of it, so that an interrupted removal can be resumed.
        if case .remove(let name, _) = intent { try loadSpec().applying(.remove(name)).write() }
        try output.result {
            [found]
        } json: {
            progress.report(of: intent, in: set.spec.name, found: found)
        }
    }

    /// Changes the spec, and brings the set to it. Where the set refuses, the spec stays as it is.
    func change(_ change: SpecEditor.Change, applying name: MemberName, _ options: ChangeOptions) async throws {
        let file = try loadSpec().applying(change)
        let set = try replicaSet(of: file)
        let intent = Intent.apply([name])
        if !options.dryRun {
            if case .refusal(let refusal) = try await set.propose(intent) { throw refusal.error }
            try file.write()
        }
        try await self.change(intent, of: set, options)
    }

    private func show(_ proposal: Proposal, of intent: Intent, in set: ReplicaSet) throws {
        let view = ProposalView(proposal: proposal, intent: intent, spec: set.spec)
        try output.result {
            view.lines(output.paint)
        } json: {
            view.json
        }
        if case .refusal(let refusal) = proposal { throw ExitCode(for: refusal.error) }
    }
}

extension Intent {
    /// What is lost, where something may be: it is run only after a yes.
    fileprivate var danger: String? {
        switch self {
        case .stop(_, emergency: true): "writes that no majority has acknowledged may be lost"
        case .forceFailover: "writes that only the lost members had may be lost for good"
        case .down(includingData: true): "all data of the set will be deleted"
        case .remove(let member, includingData: true): "all data of \(member) will be deleted"
        case .resync(let resync): "the data of \(resync.member) will be deleted and copied anew from another member"
        default: nil
        }
    }
}
