/// Collects violations on the way through a config.
struct ConfigReport {
    private(set) var violations: [ConfigViolation] = []
    /// The code that the server answers at this stage.
    var code = ServerCode.invalidConfig

    var isClean: Bool { violations.isEmpty }

    mutating func add(
        _ rule: ConfigRule,
        _ member: ConfigViolation.Member? = nil,
        field: String? = nil,
        code: Int? = nil,
        _ message: String
    ) {
        let answer = code ?? (rule.protectsServer ? 0 : self.code)
        violations.append(ConfigViolation(rule, member: member, field: field, message, serverCode: answer))
    }

    /// The server's error codes that a config can bring about.
    enum ServerCode {
        /// BadValue
        static let badValue = 2
        /// NoSuchKey
        static let noSuchKey = 4
        /// DollarPrefixedFieldName
        static let dollarPrefixedName = 52
        /// NodeNotFound
        static let nodeNotFound = 74
        /// InvalidReplicaSetConfig
        static let invalidConfig = 93
        /// NewReplicaSetConfigurationIncompatible
        static let incompatible = 103
        /// NodeNotElectable
        static let notElectable = 104
        /// A forced version that became too high; it has no name.
        static let versionTooHigh = 51024
        /// A custom default write concern at a reconfig; it has no name.
        static let writeConcernDefaults = 5_624_102
        /// NotWritablePrimary
        static let notPrimary = 10107
    }
}
