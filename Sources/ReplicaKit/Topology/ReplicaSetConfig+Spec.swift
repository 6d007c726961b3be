extension ReplicaSetConfig {
    /// The config with which `replSetInitiate` makes a new set of a spec.
    ///
    /// Members are numbered from 0 in the order of the spec. What is the server's default is left out.
    /// - Parameters:
    ///   - spec: The set. What it cannot say to be right is judged by ``ReplicaSetConfigValidator``.
    ///   - serverVersion: The version of the servers, which decides how a delay is spelt.
    ///   - members: The members to begin with; `nil` takes all. A set that begins with one has a primary at once.
    /// - Throws: ``ReplicaKitError/Code/unknownMember`` when the spec has no member of such a name.
    public init(
        spec: ReplicaSetSpec,
        serverVersion: ServerVersion,
        members names: [MemberName]? = nil
    ) throws(ReplicaKitError) {
        for name in names ?? [] {
            _ = try spec.member(name)
        }
        let chosen = names.map { names in spec.members.filter { names.contains($0.name) } } ?? spec.members
        let delayKey = serverVersion.isAtLeast(5, 0) ? "secondaryDelaySecs" : "slaveDelay"
        let members = chosen.enumerated().map { index, member in
            BSONValue.document(
                ConfigEditor.document(
                    ConfigEdit.NewMember(member),
                    id: MemberID(rawValue: index),
                    delayKey: delayKey
                )
            )
        }
        var document: BSONDocument = [
            "_id": .string(spec.name.rawValue), "version": 1, "members": .array(BSONArray(members)),
        ]
        let settings = Self.settings(spec.settings)
        if !settings.isEmpty { document.append("settings", .document(settings)) }
        try self.init(document: document)
    }

    private static func settings(_ spec: SettingsSpec) -> BSONDocument {
        let numbers = [
            ("heartbeatIntervalMillis", spec.heartbeatIntervalMillis),
            ("heartbeatTimeoutSecs", spec.heartbeatTimeoutSecs),
            ("electionTimeoutMillis", spec.electionTimeoutMillis),
            ("catchUpTimeoutMillis", spec.catchUpTimeoutMillis),
        ]
        var document = BSONDocument()
        if let chaining = spec.chainingAllowed { document.append("chainingAllowed", .bool(chaining)) }
        for case (let name, let number?) in numbers { document.append(name, .integer(number)) }
        return document
    }
}
