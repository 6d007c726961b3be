/// Finds the process that is a member.
struct MemberProcessFinder: Sendable {
    let paths: MemberPaths

    /// The member's process, held and judged, with what is known of it; `nil` when the member does not run.
    ///
    /// The pid file names it. Where that is of no use (a second `mongod` that failed on the same directory has
    /// overwritten it, or somebody removed it), the holder of the data files' lock is asked for.
    func find() -> (handle: ProcessHandle, facts: ProcessFacts)? {
        let holders = LockTable.holders(of: paths.lockFile)
        let writtenAt = FileStatus(of: paths.pidFile)?.modifiedAt
        for pid in ([numberInPidFile()] + holders).compactMap(\.self) {
            guard let handle = ProcessHandle(pid), let facts = ProcessFacts(of: pid) else { continue }
            let verdict = ProcessVerdict.judge(
                facts,
                configPath: paths.config,
                pidFileWrittenAt: writtenAt,
                holdsLock: holders.contains(pid)
            )
            if verdict == .ours { return (handle, facts) }
        }
        return nil
    }

    /// All processes that run with the member's config file, pid file or not, and were started at that time or later:
    /// what a start that was given up has left.
    ///
    /// - Parameter time: In seconds since 1970.
    func findStarted(since time: Double) -> [ProcessHandle] {
        ProcessTable.all().compactMap { pid in
            guard let handle = ProcessHandle(pid), let facts = ProcessFacts(of: pid), !facts.isZombie,
                facts.runs(config: paths.config), facts.startedAt >= time - ProcessVerdict.tolerance
            else { return nil }
            return handle
        }
    }

    private func numberInPidFile() -> Int32? {
        guard FileStatus(of: paths.pidFile)?.kind == .file,
            let text = try? readSmallFile(paths.pidFile, limit: 64)
        else { return nil }
        return Int32(String(text.prefix { $0.isASCII && $0.isNumber }))
    }
}
