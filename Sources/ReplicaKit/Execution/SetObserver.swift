/// Looks at processes and servers once, for a procedure to decide on.
struct SetObserver: Sendable {
    let performer: StepPerformer

    private var spec: ReplicaSetSpec { performer.spec }

    /// All members at the same time; one that does not answer delays this by no more than the call's limit.
    func view() async throws -> SetView {
        var view = SetView(spec: spec, canProvision: performer.toolbox.host is any MemberProvisioning)
        view.processes = try await performer.states(of: spec.members.map(\.name))
        let words = await words(of: view.running)
        for (name, word) in words {
            switch word {
            case .success(let word):
                view.answering.insert(name)
                guard let config = word.config else { continue }
                if view.config.map({ config.isNewer(than: $0) }) ?? true { view.config = config }
            case .failure(let error) where error.code.family == .topology || error.code.family == .authentication:
                view.problems[name] = error
            case .failure: continue
            }
        }
        let ballots = await performer.ballots()
        view.primary = performer.leader(of: ballots).flatMap { performer.isSupported($0) ? $0.address : nil }
        guard let primary = view.primary else { return view }
        view.hasAdministrator = try? await performer.administratorCanLogIn(to: primary)
        view.hasDefaultWriteConcern = try? await performer.access.run(GetDefaultRWConcern(), on: primary).isExplicit
        return view
    }

    private struct Word: Sendable {
        var config: ReplicaSetConfig?
    }

    private func words(of names: [MemberName]) async -> [MemberName: Result<Word, ReplicaKitError>] {
        await withTaskGroup(of: (MemberName, Result<Word, ReplicaKitError>).self) { group in
            for name in names {
                group.addTask {
                    do { return (name, .success(try await word(of: name))) } catch let error as ReplicaKitError {
                        return (name, .failure(error))
                    } catch {
                        return (name, .failure(ReplicaKitError(.connectionFailed, "\(error)")))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func word(of name: MemberName) async throws -> Word {
        let member = try spec.member(name)
        let hello = try await performer.access.run(Hello(), on: member.host, as: .nobody)
        if let other = hello.setName, other != spec.name {
            throw ReplicaKitError(
                .wrongReplicaSet,
                "the server at \(member.host) is a member of \(other), not of \(spec.name)",
                member: member.host,
                hint: "Look at `host` of \(name) in the spec."
            )
        }
        if hello.setName == nil && !hello.awaitsConfig {
            throw ReplicaKitError(
                .notReplicaSetMember,
                "the server at \(member.host) was not started for a replica set",
                member: member.host,
                hint: "A standalone or a router listens there. Look at `host` of \(name) in the spec."
            )
        }
        guard hello.setName != nil else { return Word() }
        return Word(config: try await performer.access.run(ReplSetGetConfig(), on: member.host).config)
    }
}
