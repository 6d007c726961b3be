/// What an experienced operator would say about a spec that servers accept.
struct SpecAdvice {
    let spec: ReplicaSetSpec

    var warnings: [String] {
        var warnings: [String] = []
        let voters = spec.members.filter { $0.votes > 0 }
        let bearing = voters.filter { !$0.arbiter }
        if voters.count.isMultiple(of: 2) {
            let survives = voters.count - (voters.count / 2 + 1)
            warnings.append(
                "\(voters.count) voting members survive the loss of \(survives), as \(voters.count - 1) would: use an odd number"
            )
        }
        if voters.count == 3 && bearing.count == 2 {
            warnings.append(
                "with an arbiter beside two data-bearing members, w: majority writes stop when either of the two is down"
            )
        }
        for member in voters where member.delaySeconds > 0 {
            warnings.append(
                "\(member.name) is delayed and votes: majority writes may wait for its delay; give it votes 0"
            )
        }
        let hosts = Set(spec.members.map(machine))
        if hosts.count == 1 && voters.count > 1 {
            warnings.append(
                "all members are on one machine: the set survives lost processes, not the loss of the machine"
            )
        }
        return warnings
    }

    /// What tells the machines of members apart: containers of one engine are on one.
    private func machine(of member: MemberSpec) -> String {
        if case .docker(let runtime) = spec.runtime { return runtime.endpoint(of: member) ?? "" }
        return member.host.isLocal ? "this machine" : member.host.host
    }
}
