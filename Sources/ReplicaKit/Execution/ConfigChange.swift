/// The one place that changes a set's config.
///
/// The config is read afresh, edited in place, judged by the validator and only then sent; at most one voting member
/// more or less at a time. What another reconfig refuses for a moment (the server makes reconfigs of its own) is tried
/// again from a fresh reading, within a deadline. The change has come about when the members themselves say that
/// they have it, not when the command returns.
struct ConfigChange {
    let performer: StepPerformer
    let edits: [ConfigEdit]
    let note: @Sendable (String) -> Void

    func apply() async throws -> StepOutcome {
        let clock = performer.toolbox.clock
        var wasSent = false
        // Each look reads the config of whoever is the primary then: what only a primary that died had is sent again.
        try await clock.wait(for: "a majority to have the new config", within: performer.limits.agreement) {
            let primary = try await performer.primaryAddress()
            let present = try await performer.access.run(ReplSetGetConfig(), on: primary).config
            let version = try await performer.access.run(BuildInfo(), on: primary, as: .nobody).version
            let open = edits.filter { !present.alreadyHas($0) }
            let wanted = try present.applying(open, serverVersion: version)
            if present.holds(wanted) { return await isSpread(present) }
            try judge(present, wanted, by: version)
            try requireElectable(primary, in: wanted)
            try await requireEmptiness(of: open)
            wasSent = true
            try await send(wanted, to: primary)
            return false
        }
        return wasSent ? .done : .alreadyHeld
    }

    /// Demands that the primary stays one that may be elected: when the plan was made, another member was the primary.
    private func requireElectable(_ primary: MemberAddress, in wanted: ReplicaSetConfig) throws(ReplicaKitError) {
        if wanted.member(primary)?.isElectable ?? false { return }
        throw performer.overtaken("\(primary) is the primary now, and could not be it with the new config")
    }

    /// Refuses what a server would refuse, and what this library does not do though servers take it.
    private func judge(
        _ present: ReplicaSetConfig,
        _ wanted: ReplicaSetConfig,
        by version: ServerVersion
    ) throws(ReplicaKitError) {
        let validator = ReplicaSetConfigValidator(serverVersion: version, setName: performer.spec.name)
        try validator.reconfig(from: present.document, to: wanted.document).refuseAny()
        let change = present.votingChange(to: wanted)
        guard change.count <= 1 else {
            throw ReplicaKitError(
                .invalidConfig,
                "the change gives or takes \(change.count) votes at once; one at a time keeps every majority in common",
                hint: "Split it into one change for each voting member."
            )
        }
    }

    /// Demands of members that are to be added that they hold nothing: the server wipes them, with `ok: 1`.
    ///
    /// One that was a member of this set before, and was removed, has nothing but the set's own data.
    private func requireEmptiness(of edits: [ConfigEdit]) async throws {
        for case .addMember(let new) in edits where !new.arbiter {
            let access = performer.access
            let hello = try await performer.toolbox.clock.observe(
                "an answer of \(new.host)",
                within: performer.limits.start
            ) {
                try await access.run(Hello(), on: new.host, as: .nobody)
            }
            if let other = hello.setName, other != performer.spec.name {
                throw ReplicaKitError(
                    .wrongReplicaSet,
                    "a member of the replica set \(other) answers there, and would lose its data if it were added",
                    member: new.host,
                    hint: "Check its address. Nothing was changed."
                )
            }
            guard hello.awaitsConfig else { continue }
            do {
                let former = try await access.run(ReplSetGetConfig(), on: new.host).config
                if former.setName == performer.spec.name { continue }
            } catch let error as ReplicaKitError where error.server?.code == ServerCode.notYetInitialized {
                // It was never in a set.
            }
            try await EmptinessProof(name: name(of: new.host), address: new.host, access: access).require()
        }
    }

    private func name(of host: MemberAddress) -> MemberName {
        performer.spec.members.first { $0.host == host }?.name ?? MemberName(rawValue: host.description)
    }

    /// Sends the config. The server holds the reply back until a majority has it by heartbeats, which takes up to their
    /// interval: the members are asked themselves meanwhile, so the call need not be waited for.
    private func send(_ wanted: ReplicaSetConfig, to primary: MemberAddress) async throws {
        do {
            _ = try await performer.access.run(
                ReplSetReconfig(config: wanted, maxTime: .milliseconds(200)),
                on: primary
            )
        } catch let error as ReplicaKitError where error.code == .serverTimedOut {
            // Installed on the primary all the same: the next reading shows it.
        } catch let error as ReplicaKitError where error.server?.code == 103 {
            // Validated before, so it is the config's version or an uncommitted config: another reconfig was there.
            note("another reconfig is under way; reading the config again")
            throw ReplicaKitError(.serverTimedOut, error.message, member: primary, server: error.server)
        }
    }

    /// Whether all voting members that answer have the config, and they are a majority. `hello` tells without login.
    private func isSpread(_ config: ReplicaSetConfig) async -> Bool {
        let access = performer.access
        let words = await access.answers(of: config.voters.map(\.host)) {
            try await access.run(Hello(), on: $0, as: .nobody)
        }
        let having = words.values.filter { ($0.setVersion ?? 0) >= config.version }.count
        return having == words.count && having >= config.majorityVoteCount
    }
}

extension ReplicaSetConfig {
    /// Whether a member that an edit adds or removes is there, or gone, already: done by an earlier run.
    fileprivate func alreadyHas(_ edit: ConfigEdit) -> Bool {
        switch edit {
        case .addMember(let new): member(new.host) != nil
        case .removeMember(let host): member(host) == nil
        default: false
        }
    }

    /// Whether this config already says what an edited one would, version and term aside.
    fileprivate func holds(_ edited: ReplicaSetConfig) -> Bool {
        members.map(\.document) == edited.members.map(\.document) && settings.document == edited.settings.document
    }
}

extension [ConfigViolation] {
    /// Refuses a config that has violations, before it is sent, naming the rule and the member.
    func refuseAny() throws(ReplicaKitError) {
        guard let first else { return }
        throw ReplicaKitError(
            .invalidConfig,
            "the server would refuse the config (code \(first.serverCode), rule \(first.rule.rawValue)): "
                + map(\.description).joined(separator: "; "),
            hint: "Mend the member or setting that is named. Nothing was changed."
        )
    }
}
