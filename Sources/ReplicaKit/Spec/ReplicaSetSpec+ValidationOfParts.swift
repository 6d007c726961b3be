extension MemberSpec {
    /// What is wrong with one member, looked at alone.
    func problems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        if !Self.isLegal(name.rawValue) {
            problems.append(
                SpecProblem(
                    ["name"],
                    "\(name.rawValue.debugDescription) is no name for a member: 1 to 63 letters (a to z), digits, "
                        + "\".\", \"_\" and \"-\", the first a letter or digit"
                )
            )
        }
        if !(0...1000).contains(priority) {
            problems.append(SpecProblem(["priority"], "\(priority.formattedShortly) is not from 0 to 1000"))
        }
        if !(0...1).contains(votes) { problems.append(SpecProblem(["votes"], "\(votes) is not 0 or 1")) }
        if !(0...Self.longestDelay).contains(delaySeconds) {
            problems.append(
                SpecProblem(["delaySeconds"], "\(delaySeconds) is not from 0 to \(Self.longestDelay) (366 days)")
            )
        }
        if priority > 0 {
            let reasons = [
                (votes == 0, "a member without a vote"), (hidden, "a hidden member"), (arbiter, "an arbiter"),
                (delaySeconds > 0, "a delayed member"),
            ]
            for case (true, let who) in reasons {
                problems.append(SpecProblem(["priority"], "\(who) cannot become primary: its priority must be 0"))
            }
        }
        if arbiter {
            if votes == 0 { problems.append(SpecProblem(["votes"], "an arbiter that does not vote is of no use")) }
            if !tags.isEmpty { problems.append(SpecProblem(["tags"], "an arbiter holds no data and has no tags")) }
        }
        return problems
    }

    private static let longestDelay = 366 * 24 * 60 * 60

    private static func isLegal(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 63 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            default: false
            }
        }
        return isAlphanumeric(first) && name.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }
}

extension ProcessRuntime {
    /// What is wrong with the settings of local processes.
    func problems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        for (key, value) in [("directory", directory), ("mongod", mongod)] where !value.isUsablePath {
            problems.append(SpecProblem([key], "\(value.debugDescription) is no path"))
        }
        problems += serverProblems(cacheSizeMB: cacheSizeMB, oplogSizeMB: oplogSizeMB, parameters: parameters)
        return problems
    }
}

extension ReplicaSetSpec {
    func securityProblems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        func check(_ path: String, _ keys: String...) {
            if !path.isUsablePath {
                problems.append(SpecProblem(["security"] + keys, "\(path.debugDescription) is no path"))
            }
        }
        let user = security.admin.user
        if user.isEmpty || user.utf8.contains(0) || user.utf8.count > 128 {
            problems.append(
                SpecProblem(["security", "admin", "user"], "\(user.debugDescription) is no name of a user")
            )
        }
        problems += security.admin.password.problems().map {
            SpecProblem(["security", "admin", "password"] + $0.path, $0.message)
        }
        check(security.keyFile, "keyFile")
        if case .file(security.keyFile) = security.admin.password {
            problems.append(SpecProblem(["security", "keyFile"], "it is the file of the administrator's password"))
        }
        if let tls = security.tls {
            check(tls.caFile, "tls", "caFile")
            if let file = tls.certificateKeyFile { check(file, "tls", "certificateKeyFile") }
            if let file = tls.clientCertificateKeyFile { check(file, "tls", "clientCertificateKeyFile") }
            if case .process = runtime, tls.certificateKeyFile == nil {
                problems.append(
                    SpecProblem(["security", "tls"], "local processes need a certificate: certificateKeyFile")
                )
            }
        }
        return problems
    }

    func writeConcernProblems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        switch writeConcern.w {
        case .members(let count):
            let holders = members.count { !$0.arbiter }
            if count < 1 {
                problems.append(SpecProblem(["writeConcern", "w"], "the default must ask for at least one member"))
            } else if count > holders {
                problems.append(
                    SpecProblem(["writeConcern", "w"], "\(count) members can never acknowledge: \(holders) hold data")
                )
            }
        case .tag(let mode):
            if mode.isEmpty { problems.append(SpecProblem(["writeConcern", "w"], "it is empty: write majority")) }
        }
        if !(0...Int(Int32.max)).contains(writeConcern.wtimeoutMS) {
            problems.append(
                SpecProblem(["writeConcern", "wtimeoutMS"], "\(writeConcern.wtimeoutMS) is not from 0 to \(Int32.max)")
            )
        }
        return problems
    }

    func settingsProblems() -> [SpecProblem] {
        let highest = Int(Int32.max)
        let limits = [
            ("heartbeatIntervalMillis", settings.heartbeatIntervalMillis, 1),
            ("heartbeatTimeoutSecs", settings.heartbeatTimeoutSecs, 1),
            ("electionTimeoutMillis", settings.electionTimeoutMillis, 1),
            ("catchUpTimeoutMillis", settings.catchUpTimeoutMillis, -1),
        ]
        return limits.compactMap { key, value, lowest in
            guard let value, !(lowest...highest).contains(value) else { return nil }
            return SpecProblem(["settings", key], "\(value) is not from \(lowest) to \(highest)")
        }
    }
}

extension SecretReference {
    /// What is wrong with where a secret is said to be.
    func problems() -> [SpecProblem] {
        switch self {
        case .file(let path):
            path.isUsablePath ? [] : [SpecProblem(["file"], "\(path.debugDescription) is no path")]
        case .env(let name):
            name.isEmpty || name.contains("=") || name.contains(where: \.isWhitespace) || name.utf8.contains(0)
                ? [SpecProblem(["env"], "\(name.debugDescription) is no name of an environment variable")] : []
        }
    }
}

extension String {
    var isUsablePath: Bool { !isEmpty && !utf8.contains(0) }
}

extension Double {
    /// Without the `.0` of whole numbers.
    fileprivate var formattedShortly: String { Int(exactly: self).map(String.init) ?? String(self) }
}

/// What is wrong with the settings that every server has, whatever runs it.
func serverProblems(cacheSizeMB: Int?, oplogSizeMB: Int?, parameters: [String: String]) -> [SpecProblem] {
    var problems: [SpecProblem] = []
    if let cacheSizeMB, !(256...10_000_000).contains(cacheSizeMB) {
        problems.append(SpecProblem(["cacheSizeMB"], "\(cacheSizeMB) is not from 256 to 10000000"))
    }
    if let oplogSizeMB, !(1...100_000_000).contains(oplogSizeMB) {
        problems.append(SpecProblem(["oplogSizeMB"], "\(oplogSizeMB) is not from 1 to 100000000"))
    }
    for key in parameters.keys.sorted() {
        if key.isEmpty || key.contains("=") || key.contains(where: \.isWhitespace) {
            problems.append(SpecProblem(["parameters"], "\(key.debugDescription) is no name of a parameter"))
        }
        if parameters[key]?.utf8.contains(0) == true {
            problems.append(SpecProblem(["parameters", key], "it has a NUL character"))
        }
    }
    return problems
}
