import ReplicaKit

/// A diagnosis for people: symptom by symptom, what is wrong, what was seen, and what not to do.
struct DiagnosisView {
    let diagnosis: Diagnosis
    /// Whether somebody asked for these symptoms. Of others only those with trouble are told at length.
    let wasAsked: Bool

    func lines(_ paint: Paint) -> [String] {
        let parts = diagnosis.parts.map { part in
            let mark = part.isTrouble ? paint("✗", .red) : paint("✓", .green)
            let head = "\(mark) \(paint(part.symptom.title, .bold))  \(paint(part.symptom.rawValue, .dim))"
            guard part.isTrouble || wasAsked else { return [head] }
            let findings = FindingGroup.groups(of: part.findings).flatMap { $0.lines(paint).map { "  " + $0 } }
            let seen = part.evidence.map { "  · " + ($0.member.map { "\($0): " } ?? "") + $0.text }
            let warning = part.warning.map { ["  " + paint("not:", .yellow) + " \($0)"] } ?? []
            return [head] + findings + seen + warning + [""]
        }
        return Array(parts.joined())
    }
}
