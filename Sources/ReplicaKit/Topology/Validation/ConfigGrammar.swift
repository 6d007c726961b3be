/// Which fields a server of one series knows in a config, and what it takes in them.
struct ConfigGrammar {
    let top: [FieldRule]
    let member: [FieldRule]
    let settings: [FieldRule]
    /// Whether it reads documents as 4.4 does: all names first, then the fields it looks for; else as 5.0 and later do,
    /// field by field in the order of the document.
    let isLegacy: Bool

    /// The grammar of a server.
    static func of(_ version: ServerVersion) -> ConfigGrammar {
        if !version.isAtLeast(5, 0) { return legacy }
        return version.isAtLeast(6, 0) ? modern : five
    }

    private static let int32Range: ClosedRange<Int64> = 1...Int64(Int32.max)
    private static let positive: ClosedRange<Int64> = 1...Int64.max
    private static let longestDelay: Int64 = 366 * 24 * 3600

    private static let settingsOf5 = [
        FieldRule("chainingAllowed", .truth),
        FieldRule("heartbeatIntervalMillis", .exactInteger(positive), ignoresNull: false),
        FieldRule("heartbeatTimeoutSecs", .exactInteger(positive), ignoresNull: false),
        FieldRule("electionTimeoutMillis", .exactInteger(positive), ignoresNull: false),
        FieldRule("catchUpTimeoutMillis", .exactInteger(-1...Int64.max), ignoresNull: false),
        FieldRule("catchUpTakeoverDelayMillis", .exactInteger(-1...Int64.max), ignoresNull: false),
        FieldRule("getLastErrorModes", .object, ignoresNull: false),
        FieldRule("getLastErrorDefaults", .object),
        FieldRule("replicaSetId", .objectID),
    ]

    private static let topOf5 = [
        FieldRule("_id", .text, isRequired: true),
        FieldRule("version", .exactInteger(int32Range), isRequired: true, ignoresNull: false),
        FieldRule("term", .exactInteger(-1...Int64(Int32.max)), ignoresNull: false),
        FieldRule("members", .array, isRequired: true, ignoresNull: false, comparesTypeFirst: true),
        FieldRule("configsvr", .boolean, ignoresNull: false),
        FieldRule("protocolVersion", .cutInteger(1...1)),
        FieldRule("writeConcernMajorityJournalDefault", .truth),
        FieldRule("settings", .object),
        FieldRule("repaired", .boolean, ignoresNull: false),
    ]

    private static let memberOf6 = [
        FieldRule("_id", .wrappedInteger, isRequired: true, ignoresNull: false),
        FieldRule("host", .text, isRequired: true),
        FieldRule("votes", .cutInteger(0...1)),
        FieldRule("newlyAdded", .boolean),
        FieldRule("priority", .real(0...1000)),
        FieldRule("hidden", .truth),
        FieldRule("secondaryDelaySecs", .cutInteger(0...longestDelay)),
        FieldRule("arbiterOnly", .truth),
        FieldRule("buildIndexes", .truth),
        FieldRule("tags", .object),
        FieldRule("horizons", .object),
    ]

    /// The config of another set, into which this one is being split.
    private static let recipient = FieldRule("recipientConfig", .anything, ignoresNull: false)

    private static let modern = ConfigGrammar(
        top: topOf5 + [recipient],
        member: memberOf6,
        settings: settingsOf5,
        isLegacy: false
    )

    private static let five = ConfigGrammar(
        top: topOf5,
        member: memberOf6 + [FieldRule("slaveDelay", .cutInteger(0...longestDelay))],
        settings: settingsOf5,
        isLegacy: false
    )

    private static let legacy = ConfigGrammar(
        top: [
            FieldRule("_id", .text, isRequired: true, ignoresNull: false),
            FieldRule("version", .exactInteger(Int64.min...Int64.max), isRequired: true, ignoresNull: false),
            FieldRule("term", .anything, ignoresNull: false),
            FieldRule("members", .array, isRequired: true, ignoresNull: false),
            FieldRule("configsvr", .truth, ignoresNull: false),
            FieldRule("protocolVersion", .exactInteger(Int64.min...Int64.max), ignoresNull: false),
            FieldRule("writeConcernMajorityJournalDefault", .truth, ignoresNull: false),
            FieldRule("settings", .object, ignoresNull: false),
        ],
        member: [
            FieldRule("_id", .wrappedInteger, isRequired: true, ignoresNull: false),
            FieldRule("host", .text, isRequired: true, ignoresNull: false),
            FieldRule("votes", .wrappedInteger, ignoresNull: false),
            FieldRule("arbiterOnly", .truth, ignoresNull: false),
            FieldRule("priority", .unlimitedReal, ignoresNull: false),
            FieldRule("slaveDelay", .wrappedInteger, ignoresNull: false),
            FieldRule("hidden", .truth, ignoresNull: false),
            FieldRule("buildIndexes", .truth, ignoresNull: false),
            FieldRule("tags", .object, ignoresNull: false),
            FieldRule("horizons", .object, ignoresNull: false),
        ],
        settings: [
            FieldRule("heartbeatIntervalMillis", .exactInteger(Int64.min...Int64.max), ignoresNull: false),
            FieldRule("electionTimeoutMillis", .exactInteger(positive), ignoresNull: false),
            FieldRule("heartbeatTimeoutSecs", .exactInteger(positive), ignoresNull: false),
            FieldRule("catchUpTimeoutMillis", .exactInteger(-1...Int64.max), ignoresNull: false),
            FieldRule("catchUpTakeoverDelayMillis", .exactInteger(-1...Int64.max), ignoresNull: false),
            FieldRule("chainingAllowed", .truth, ignoresNull: false),
            FieldRule("getLastErrorDefaults", .object, ignoresNull: false),
            FieldRule("getLastErrorModes", .object, ignoresNull: false),
            FieldRule("replicaSetId", .objectID, ignoresNull: false),
        ],
        isLegacy: true
    )
}
