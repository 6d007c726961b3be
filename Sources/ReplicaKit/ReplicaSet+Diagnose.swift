extension ReplicaSet {
    /// Goes through symptoms: looks at the set twice, reads logs, and puts together what belongs to each. Changes nothing.
    ///
    /// - Parameters:
    ///   - symptoms: What to look into.
    ///   - pause: How far apart the two looks are.
    /// - Throws: ``ReplicaKitError/Code/secretMissing`` and the like; `CancellationError`. Members that do not answer are
    ///   findings, and no error.
    public func diagnose(_ symptoms: [Symptom] = Symptom.allCases, over pause: Duration = .seconds(2)) async throws
        -> Diagnosis
    {
        let first = try await examine().look
        // Not a wait for anything: rates are what happens between two looks.
        try await toolbox.clock.sleep(for: pause)
        let examination = try await examine(since: first)
        let context = HealthContext(spec: spec, look: examination.look, previous: first)
        let evidence = await gather(context, symptoms)
        try Task.checkCancellation()
        return Diagnosis(
            set: spec.name,
            parts: symptoms.map { symptom in
                let findings = examination.report.findings.filter(symptom.concerns)
                return Diagnosis.Part(
                    symptom: symptom,
                    findings: findings,
                    evidence: evidence.observations(symptom),
                    warning: symptom.warning(about: findings)
                )
            }
        )
    }

    private func gather(_ context: HealthContext, _ symptoms: [Symptom]) async -> DiagnosisEvidence {
        var evidence = DiagnosisEvidence(context: context)
        let access = performer.access
        let bearing = context.members.filter { $0.view != nil && $0.view?.hello.isArbiter == false }
        let addresses = bearing.map(\.subject.host)
        if symptoms.contains(where: { [.slow, .authentication, .member].contains($0) }) {
            evidence.logs = await access.answers(of: addresses) { address in
                try await access.run(GetLog(.global), on: address, as: .administrator).lines
            }
        }
        if symptoms.contains(.disk) {
            evidence.databases = await access.answers(of: addresses) { address in
                try await access.run(ListDatabases(includesSizes: true), on: address, as: .administrator).sizes
            }
        }
        if symptoms.contains(.member) {
            for member in context.members where member.view == nil {
                guard let name = member.subject.name else { continue }
                evidence.lastWords[member.subject.host] = try? await lastWords(of: name)
            }
        }
        return evidence
    }

    private func lastWords(of member: MemberName) async throws -> [String] {
        var lines: [String] = []
        for try await line in try await toolbox.host.log(of: member, lastLines: 200, follow: false) {
            lines.append(line)
        }
        return MongodLogLine.summary(of: lines.joined(separator: "\n"), limit: 5)
    }
}
