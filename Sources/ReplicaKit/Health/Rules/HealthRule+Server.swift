extension HealthRule {
    /// Whether the servers themselves are as they should be.
    static let server: [HealthRule] = [
        locked, indexBuild, asserts, failedLogins, restarted, accessControl, startupWarnings, settings, versions,
        compatibility,
    ]

    private static func make(
        _ rule: HealthRuleID,
        _ severity: Severity,
        _ priority: AlertPriority,
        _ member: HealthContext.Member?,
        _ message: String,
        remedy: String,
        evidence: [Finding.Evidence] = []
    ) -> Finding {
        Finding(
            rule: rule,
            severity: severity,
            priority: priority,
            member: member?.subject,
            message: message,
            evidence: evidence,
            remedy: remedy
        )
    }

    private static let locked = HealthRule(
        "server.locked",
        looksFor: "members that fsyncLock holds",
        in: "currentOp.fsyncLock"
    ) { context in
        context.members.compactMap { member in
            guard (try? member.view?.figures?.lock.get())?.isLocked == true else { return nil }
            let isPrimary = member.subject == context.primary?.subject
            return make(
                "server.locked",
                .critical,
                isPrimary ? .p0 : .p1,
                member,
                isPrimary
                    ? "it is locked (fsyncLock): every write waits, and nothing else shows it"
                    : "it is locked (fsyncLock) and applies nothing: it falls behind",
                remedy: "db.fsyncUnlock() on it, as often as it was locked, unless a backup is being taken"
            )
        }
    }

    private static let indexBuild = HealthRule(
        "server.index-build",
        looksFor: "index builds, and those that wait for a voter that is away",
        in: "$currentOp (threads IndexBuildsCoordinator…)"
    ) { context in
        context.members.compactMap { member in
            let operations = (try? member.view?.figures?.operations.get())?.operations ?? []
            let builds = operations.filter(\.isIndexBuild)
            guard !builds.isEmpty else { return nil }
            let missing =
                context.config?.dataBearingVoters.map(\.host).filter { context.member(at: $0)?.view == nil } ?? []
            let isWaiting = !missing.isEmpty && member.subject == context.primary?.subject
            let names = Set(builds.compactMap(\.namespace)).sorted().joined(separator: ", ")
            return make(
                "server.index-build",
                isWaiting ? .warning : .info,
                isWaiting ? .p2 : .p3,
                member,
                isWaiting
                    ? "an index build on \(names) waits for \(context.names(missing)), which is away"
                    : "it builds an index" + (names.isEmpty ? "" : " on \(names)"),
                remedy: isWaiting
                    ? "rkctl start; or db.runCommand({setIndexCommitQuorum: \"COLL\", indexNames: [\"…\"], "
                        + "commitQuorum: \"majority\"})"
                    : "Let it end; never kill it: on a secondary that ends the server.",
                evidence: [.init("operations", .string(builds.prefix(3).map(\.description).joined(separator: "; ")))]
            )
        }
    }

    private static let asserts = HealthRule(
        "server.asserts",
        looksFor: "internal errors of the server since the last look",
        in: "serverStatus.asserts.regular and .msg, at two looks"
    ) { context in
        context.members.compactMap { member in
            guard let now = member.serverStatus?.document, let before = member.previousServerStatus?.document else {
                return nil
            }
            func count(_ document: BSONDocument) -> Int64 {
                ["regular", "msg"].compactMap { document[path: "asserts", $0]?.int64Value }.reduce(0, +)
            }
            let grown = count(now) - count(before)
            guard grown > 0 else { return nil }
            return make(
                "server.asserts",
                .warning,
                .p2,
                member,
                "the server ran into \(grown) internal errors since the last look",
                remedy: "rkctl logs \(member.subject)",
                evidence: [.init("asserts", .int64(grown))]
            )
        }
    }

    /// This many failed logins between two looks are more than somebody's typing errors.
    private static let manyFailedLogins: Int64 = 5

    private static let failedLogins = HealthRule(
        "server.failed-logins",
        looksFor: "logins that fail again and again",
        in: "serverStatus.security.authentication.mechanisms, at two looks"
    ) { context in
        context.members.compactMap { member in
            guard let now = member.serverStatus?.document, let before = member.previousServerStatus?.document else {
                return nil
            }
            let failed = failedLogins(now) - failedLogins(before)
            guard failed >= manyFailedLogins else { return nil }
            return make(
                "server.failed-logins",
                .warning,
                .p2,
                member,
                "\(failed) logins failed since the last look: a program has a wrong password, or somebody tries some",
                remedy: "rkctl diagnose authentication: which users, and from where",
                evidence: [.init("failedLogins", .int64(failed))]
            )
        }
    }

    private static func failedLogins(_ status: BSONDocument) -> Int64 {
        let mechanisms = status[path: "security", "authentication", "mechanisms"]?.documentValue ?? BSONDocument()
        var failed: Int64 = 0
        for (_, value) in mechanisms {
            guard let logins = value.documentValue?["authenticate"]?.documentValue else { continue }
            failed += (logins["received"]?.int64Value ?? 0) - (logins["successful"]?.int64Value ?? 0)
        }
        return failed
    }

    private static let restarted = HealthRule(
        "server.restarted",
        looksFor: "processes that are others than at the last look",
        in: "serverStatus.pid and .uptime, at two looks"
    ) { context in
        context.members.compactMap { member in
            guard let now = member.serverStatus, let before = try? member.previous?.serverStatus.get(),
                !now.isSameProcess(as: before)
            else { return nil }
            return make(
                "server.restarted",
                .info,
                .p3,
                member,
                "it was restarted \(Int(now.uptimeSeconds)) s ago",
                remedy: "If nobody did that: rkctl logs \(member.subject)",
                evidence: [.init("uptimeSeconds", .double(now.uptimeSeconds))]
            )
        }
    }

    private static let accessControl = HealthRule(
        "server.access-control",
        looksFor: "members that let everybody in",
        in: "getCmdLineOpts.parsed.security"
    ) { context in
        context.members.compactMap { member in
            guard let options = try? member.view?.figures?.options.get(), !options.requiresLogin else { return nil }
            return make(
                "server.access-control",
                .critical,
                .p1,
                member,
                "whoever reaches it may read and change everything: it was started without access control",
                remedy: "Give the set a keyfile and an administrator: `security` in the spec, then rkctl up"
            )
        }
    }

    /// Warnings of a start that another rule judges better: access control (22120), and the advice not to run as root
    /// (22138), which says nothing inside a container.
    private static let judgedElsewhere: Set<Int> = [22120, 22138]

    private static let startupWarnings = HealthRule(
        "server.startup-warnings",
        looksFor: "what servers warned of when they started",
        in: "getLog startupWarnings"
    ) { context in
        context.members.compactMap { member in
            let lines = (try? member.view?.figures?.startupWarnings.get())?.lines ?? []
            let texts = lines.filter { !judgedElsewhere.contains($0.id) }.map(\.message)
            guard let first = texts.first else { return nil }
            return make(
                "server.startup-warnings",
                .info,
                .p3,
                member,
                "it warned when it started: \(first)" + (texts.count > 1 ? " (and \(texts.count - 1) more)" : ""),
                remedy: "See the production notes of the MongoDB manual.",
                evidence: [.init("warnings", .array(BSONArray(texts.map(BSONValue.string))))]
            )
        }
    }

    /// Parameters that have no place on a server with data, and what is wrong with them.
    private static let unsafeParameters: [(name: String, isUnsafe: @Sendable (BSONValue) -> Bool, why: String)] = [
        ("enableTestCommands", { $0.isOn }, "lets clients break the server on purpose"),
        ("notablescan", { $0.isOn }, "makes the server's own queries fail"),
        ("enableFlowControl", { !$0.isOn }, "lets the majority fall behind without limit"),
        ("syncdelay", { $0.doubleValue == 0 }, "stops checkpoints: the journal grows for ever"),
    ]

    private static let settings = HealthRule(
        "server.settings",
        looksFor: "settings that endanger the data",
        in: "getCmdLineOpts.parsed"
    ) { context in
        context.members.compactMap { member in
            guard let options = try? member.view?.figures?.options.get() else { return nil }
            var found =
                options.isJournaled ? [] : ["storage.journal.enabled: false loses acknowledged writes in a crash"]
            for (name, isUnsafe, why) in unsafeParameters {
                if let value = options.parameters[name], isUnsafe(value) { found.append("\(name) \(why)") }
            }
            guard !found.isEmpty else { return nil }
            return make(
                "server.settings",
                .warning,
                .p2,
                member,
                "it runs with unsafe settings: \(found.joined(separator: "; "))",
                remedy: "Take them out of `parameters` in the spec, then rkctl restart --rolling"
            )
        }
    }

    private static let versions = HealthRule(
        "server.versions",
        looksFor: "members of different releases",
        in: "serverStatus.version"
    ) { context in
        let versions = Set(context.members.compactMap { $0.view?.serverVersion })
        guard versions.count > 1 else { return [] }
        let text = versions.sorted().map(\.description).joined(separator: ", ")
        return [
            make(
                "server.versions",
                .warning,
                .p3,
                nil,
                "the members run different versions: \(text)",
                remedy: "Finish the upgrade, or take the odd one back: one at a time, rkctl restart MEMBER",
                evidence: [.init("versions", .string(text))]
            )
        ]
    }

    private static let compatibility = HealthRule(
        "server.compatibility",
        looksFor: "a data format older than the servers",
        in: "getParameter featureCompatibilityVersion"
    ) { context in
        guard let primary = context.primary, let version = primary.view?.serverVersion,
            let format = try? primary.view?.figures?.compatibility.get()
        else { return [] }
        let own = "\(version.major).\(version.minor)"
        guard format.version != own || format.targetVersion != nil else { return [] }
        return [
            make(
                "server.compatibility",
                .warning,
                .p3,
                nil,
                format.targetVersion.map {
                    "a change of the data format from \(format.version) to \($0) was not finished"
                }
                    ?? "the data are in the format of \(format.version), and the servers are \(own)",
                remedy: "When the upgrade is to stay: db.adminCommand({setFeatureCompatibilityVersion: \"\(own)\"})",
                evidence: [.init("featureCompatibilityVersion", .string(format.version))]
            )
        ]
    }
}

extension BSONValue {
    /// Whether a parameter of a config file, which may be text, is on.
    fileprivate var isOn: Bool { stringValue.map { $0 == "true" || $0 == "1" } ?? isTruthy }
}
