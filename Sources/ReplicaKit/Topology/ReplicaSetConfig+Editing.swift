extension ReplicaSetConfig {
    /// The config after some edits, made in order, with a version that is one higher.
    ///
    /// What no edit names stays as it is, byte for byte, and the term is left alone: the server sets it. Marks of
    /// members still in their initial sync (`newlyAdded`) are taken out, because a server accepts them from nobody.
    /// Nothing is judged here: see ``ReplicaSetConfigValidator``.
    /// - Parameters:
    ///   - edits: What to change; none gives the same config with the next version.
    ///   - serverVersion: The version of the primary, which decides how a delay is spelt.
    /// - Throws: ``ReplicaKitError/Code/unknownMember`` for an edit of a member that is not there,
    ///   ``ReplicaKitError/Code/invalidArgument`` for one that would be there twice, and
    ///   ``ReplicaKitError/Code/invalidConfig`` when there is no next version.
    public func applying(
        _ edits: [ConfigEdit],
        serverVersion: ServerVersion
    ) throws(ReplicaKitError) -> ReplicaSetConfig {
        let (next, overflow) = version.addingReportingOverflow(1)
        guard !overflow, next <= Int(Int32.max) else {
            throw ReplicaKitError(.invalidConfig, "the config of \(setName) has the last possible version, \(version)")
        }
        var editor = ConfigEditor(self, serverVersion: serverVersion)
        for edit in edits {
            try editor.apply(edit)
        }
        var document = document
        document.setNumber(next, for: "version")
        document.set(.array(BSONArray(editor.members.map { .document($0.removing("newlyAdded")) })), for: "members")
        if editor.settings != settings.document || document.contains("settings") {
            document.set(.document(editor.settings), for: "settings")
        }
        return try ReplicaSetConfig(document: document)
    }

    /// Which votes some edits change, to be kept to one at a time.
    ///
    /// - Throws: As ``applying(_:serverVersion:)``.
    public func votingChange(
        by edits: [ConfigEdit],
        serverVersion: ServerVersion
    ) throws(ReplicaKitError) -> VotingChange {
        votingChange(to: try applying(edits, serverVersion: serverVersion))
    }

    /// The number that a new member gets: one more than the highest in the config.
    ///
    /// The config does not remember members that have left, so the number of the last one can come again after it was
    /// removed; who keeps a history passes ``ConfigEdit/NewMember/id`` instead. Where the highest number is the
    /// server's limit (255 before 5.0) it is the lowest that is free.
    public func nextMemberID(serverVersion: ServerVersion) -> MemberID {
        Self.nextMemberID(after: members.map(\.id), serverVersion: serverVersion)
    }

    static func nextMemberID(after ids: [MemberID], serverVersion: ServerVersion) -> MemberID {
        let limit = serverVersion.isAtLeast(5, 0) ? Int(Int32.max) : 255
        let highest = ids.map(\.rawValue).max() ?? -1
        if highest < limit { return MemberID(rawValue: max(highest + 1, 0)) }
        let taken = Set(ids.map(\.rawValue))
        return MemberID(rawValue: (0...members(upTo: limit)).first { !taken.contains($0) } ?? limit)
    }

    /// More numbers need not be tried than a set can have members.
    private static func members(upTo limit: Int) -> Int { min(limit, 100) }
}

extension BSONDocument {
    /// Sets a number, in the number type that stands there already.
    mutating func setNumber(_ number: Int, for key: String) {
        switch self[key] {
        case .double: set(.double(Double(number)), for: key)
        case .int64: set(.int64(Int64(number)), for: key)
        default: set(.integer(number), for: key)
        }
    }
}
