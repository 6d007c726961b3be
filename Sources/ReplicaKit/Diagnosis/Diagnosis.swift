/// What was found about symptoms: findings of the health rules, evidence that was gathered besides, and where to go on.
public struct Diagnosis: Sendable {
    /// The name of the set.
    public var set: ReplicaSetName
    /// What was looked into, in the order of the symptoms.
    public var parts: [Part]

    /// Creates a diagnosis.
    public init(set: ReplicaSetName, parts: [Part]) {
        self.set = set
        self.parts = parts
    }

    /// What was found about one symptom.
    public struct Part: Sendable {
        /// The symptom.
        public var symptom: Symptom
        /// What the health rules found, worst first.
        public var findings: [Finding]
        /// What was seen besides.
        public var evidence: [Observation]
        /// What must not be done about it, though it is often advised; `nil` where nothing is.
        public var warning: String?

        /// Whether there is something wrong.
        public var isTrouble: Bool { findings.contains { $0.severity > .info } }
    }

    /// Something that was seen.
    public struct Observation: Sendable, Hashable, Encodable {
        /// The member; `nil` for the set.
        public var member: String?
        /// What, in a line for people.
        public var text: String

        init(_ member: Finding.Subject?, _ text: String) {
            self.member = member?.description
            self.text = text
        }
    }
}

extension Diagnosis: Encodable {
    enum CodingKeys: String, CodingKey {
        case set, symptoms
    }

    /// Encodes all keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(set, forKey: .set)
        try container.encode(parts, forKey: .symptoms)
    }
}

extension Diagnosis.Part: Encodable {
    enum CodingKeys: String, CodingKey {
        case symptom, trouble, findings, evidence, warning
    }

    /// Encodes all keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(symptom, forKey: .symptom)
        try container.encode(isTrouble, forKey: .trouble)
        try container.encode(findings, forKey: .findings)
        try container.encode(evidence, forKey: .evidence)
        try container.encode(warning, forKey: .warning)
    }
}
