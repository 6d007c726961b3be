extension ReplicaSetSpec {
    /// What is wrong with limits and silences.
    func healthProblems() -> [SpecProblem] {
        limitProblems() + silenceProblems()
    }

    private func limitProblems() -> [SpecProblem] {
        HealthThreshold.allCases.compactMap { threshold in
            guard health.limits[threshold] != nil else { return nil }
            let limits = health.limits(of: threshold)
            guard let warning = limits.warning, let critical = limits.critical else { return nil }
            let isWrong = threshold.isFloor ? critical > warning : critical < warning
            guard isWrong else { return nil }
            return SpecProblem(
                ["health", threshold.rawValue],
                "a value is critical \(threshold.isFloor ? "below" : "above") a limit that must not come before the one "
                    + "of warnings: \((warning / threshold.scale).forPeople) warns, "
                    + "\((critical / threshold.scale).forPeople) is critical"
            )
        }
    }

    private func silenceProblems() -> [SpecProblem] {
        let rules = Set(HealthRule.standard.map(\.id) + HealthThreshold.allCases.map(\.rule)).map(\.rawValue).sorted()
        return health.silence.enumerated().flatMap { index, silence in
            var problems: [SpecProblem] = []
            let path = ["health", "silence", "\(index)"]
            let name = silence.rule.rawValue
            // Rules of one's own have families of their own.
            let isKnownFamily = rules.contains { $0.split(separator: ".").first == name.split(separator: ".").first }
            if isKnownFamily, !rules.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) {
                let guess = nearest(to: name, among: rules).map { " (did you mean \"\($0)\"?)" } ?? ""
                problems.append(SpecProblem(path + ["rule"], "no rule is named \"\(name)\"\(guess)"))
            }
            if let member = silence.member, !members.contains(where: { $0.name == member }) {
                problems.append(SpecProblem(path + ["member"], "no member is named \"\(member)\""))
            }
            return problems
        }
    }
}
