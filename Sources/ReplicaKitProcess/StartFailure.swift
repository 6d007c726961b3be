import ReplicaKit

/// A `mongod` that did not come up, and the error that tells why: pure, from what it left.
struct StartFailure: Sendable {
    let outcome: ProcessOutcome
    /// What this start added to the member's log.
    let log: String
    let binary: MongodBinary.Usable
    /// The version that ran on the data last, if one did.
    let lastServer: MongodVersion?
    /// What is free on its file system now, in bytes, where that is known.
    let free: UInt64?
    /// How long it may be silent.
    let silence: Duration

    /// The error, with the lines of the log that matter.
    func error(member: MemberSpec, paths: MemberPaths) -> ReplicaKitError {
        let text = log + "\n" + outcome.output
        let (code, hint) = classify(text, paths)
        if code == .portInUse { return PortCheck.inUse(member.host) }
        var message = "mongod of member \"\(member.name)\" \(ending) while it was starting"
        if isDiskFull, let free { message += "; \(free >> 10) KiB are free at \(paths.directory)" }
        let lines = summary
        if !lines.isEmpty { message += ":\n" + lines.map { "  " + $0 }.joined(separator: "\n") }
        return ReplicaKitError(code, message, member: member.host, hint: hint)
    }

    /// The readable last lines: of the log and, where `mongod` could not even log, of what it printed.
    var summary: [String] {
        let printed = outcome.output.split(whereSeparator: \.isNewline).filter { line in
            !Self.chatter.contains { line.hasPrefix($0) }
        }
        let fromLog = MongodLogLine.summary(of: log)
        let fromOutput = MongodLogLine.summary(of: printed.joined(separator: "\n"), limit: 4)
        return fromLog.isEmpty || !fromOutput.isEmpty && !hasTrouble ? fromOutput + fromLog : fromLog
    }

    private var hasTrouble: Bool {
        log.split(whereSeparator: \.isNewline).contains { MongodLogLine($0)?.isTrouble ?? false }
    }

    /// Whether there is no room left at all: then `mongod` cannot even log what it died of.
    private var isDiskFull: Bool { free.map { $0 < 1 << 20 } ?? false }

    /// Whether an earlier release is run on data of a later one: it may say so, or just hang.
    private var isOlderThanData: Bool {
        guard let lastServer else { return false }
        return (binary.version.major, binary.version.minor) < (lastServer.major, lastServer.minor)
    }

    /// What a forking `mongod` always prints.
    private static let chatter = [
        "about to fork child process", "forked process:", "child process started", "ERROR: child process failed",
        "To see additional information in this output",
    ]

    private var ending: String {
        switch outcome.status {
        case .exited(0): "ended"
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let number): "was killed by signal \(number)"
        case .timedOut: "neither listened nor ended nor logged anything for \(silence), and was stopped"
        }
    }

    private func classify(_ text: String, _ paths: MemberPaths) -> (ReplicaKitError.Code, hint: String) {
        func has(_ needles: String...) -> Bool { needles.contains { text.contains($0) } }
        if has("Address already in use") {
            return (.portInUse, "")
        }
        if isDiskFull || has("No space left on device", "Disk quota exceeded", "OutOfDiskSpace") {
            return (.diskFull, "Free space on the file system of \(paths.directory), then start the member again.")
        }
        if has("DBPathInUse", "Another mongod instance is already running") {
            return (
                .directoryInUse,
                "Another mongod has \(paths.database) open: find it with \"fuser \(paths.lockFile)\" and stop it."
            )
        }
        if isOlderThanData || outcome.status == .exited(62)
            || has(
                "Wrong mongod version",
                "UPGRADE PROBLEM",
                "unsupported WiredTiger file version",
                "Version incompatibility detected",
                "Invalid feature compatibility version",
                "requires a newer version"
            )
        {
            return (
                .binaryUnsuitable,
                "The data were written by \(lastServer.map { "version \($0)" } ?? "another version") of MongoDB, and "
                    + "\(binary.path) is \(binary.version). Run the version that wrote them; versions are changed one "
                    + "at a time, with the featureCompatibilityVersion set before."
            )
        }
        if has("are too open") {
            return (.fileTooOpen, "chmod 400 \(paths.keyFile)")
        }
        if has("Unable to acquire security key") {
            return (
                .startFailed,
                "The keyfile \(paths.keyFile) is unusable: it must hold 6 to 1024 characters of the base64 alphabet."
            )
        }
        if outcome.status == .exited(48) {
            return (.startFailed, "It could not listen at its address: look at the member's host in the spec.")
        }
        if has("Attempted to create a lock file on a read-only directory", "Permission denied", "Read-only file system")
        {
            return (.fileUnwritable, "Make \(paths.directory) and all in it writable for the user that runs mongod.")
        }
        if has("corrupt", "WT_TRY_SALVAGE") {
            return (
                .startFailed,
                "Its data files are damaged. Remove the member with its data and create it again: it copies "
                    + "everything from the others. Never run mongod --repair on a member of a set."
            )
        }
        return (.startFailed, "The whole log is \(paths.log).")
    }
}
