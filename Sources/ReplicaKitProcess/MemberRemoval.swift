import Glibc

/// Removes what a host and its `mongod` made in a member's directory, and nothing else.
struct MemberRemoval: Sendable {
    let paths: MemberPaths

    /// Removes; the marker goes last, so that a removal that was cut short can be done again.
    ///
    /// - Returns: The names that were left because nobody here made them.
    func run(includingData: Bool) throws -> [String] {
        let names = try namesInDirectory(paths.directory)
        for name in names where Self.isTransient(name) { try removeFile(paths.directory + "/" + name) }
        guard includingData else { return [] }
        var left = try removeDatabase()
        for name in names where Self.isLog(name) || name == MemberPaths.Name.keyFile {
            try removeFile(paths.directory + "/" + name)
        }
        let rest = try namesInDirectory(paths.directory)
        left += rest.filter { $0 != MemberPaths.Name.marker && $0 != MemberPaths.Name.database }
        // While something is left the marker stays too: the directory is still this member's.
        guard left.isEmpty else { return left }
        try removeFile(paths.marker)
        guard rmdir(paths.directory) == 0 || errno == ENOENT || errno == EBUSY else {
            throw SystemError("rmdir", paths.directory)
        }
        return []
    }

    /// What a start makes anew.
    static func isTransient(_ name: String) -> Bool {
        let names: Set = [
            MemberPaths.Name.config, MemberPaths.Name.pidFile, MemberPaths.Name.standaloneConfig,
            MemberPaths.Name.standalonePidFile, MemberPaths.Name.standaloneLog,
        ]
        return names.contains(name) || TemporaryName.matches(name)
            || (name.hasPrefix("mongodb-") && name.hasSuffix(".sock"))
    }

    /// The log, and logs that the server's logRotate command renamed: `mongod.log.2026-01-31T12-00-00`.
    static func isLog(_ name: String) -> Bool {
        if name == MemberPaths.Name.log { return true }
        guard name.hasPrefix(MemberPaths.Name.log + ".") else { return false }
        let suffix = name.dropFirst(MemberPaths.Name.log.count + 1)
        return suffix.count >= 19 && suffix.allSatisfy { $0.isASCII && ($0.isNumber || "-T".contains($0)) }
    }

    /// Whether `mongod` makes something of this name directly in its data directory.
    static func isDatabaseEntry(_ name: String) -> Bool {
        let files: Set = [
            "storage.bson", "mongod.lock", "journal", "diagnostic.data", "_tmp", "rollback", "sizeStorer.wt",
            ".initialized", "lost+found",
        ]
        return files.contains(name) || name.hasSuffix(".wt") || name.hasPrefix("WiredTiger")
            || name.hasSuffix(".turtle")
            || name.hasSuffix(".bson.tmp") || name.hasPrefix("rollback.") || name.hasPrefix("diagnostic.data.")
    }

    private func removeDatabase() throws -> [String] {
        guard let status = FileStatus(of: paths.database) else { return [] }
        guard status.kind == .directory else { return [MemberPaths.Name.database] }
        var left: [String] = []
        for name in try namesInDirectory(paths.database) {
            if Self.isDatabaseEntry(name) {
                try removeTree(paths.database + "/" + name)
            } else {
                left.append(MemberPaths.Name.database + "/" + name)
            }
        }
        if left.isEmpty, rmdir(paths.database) != 0, errno != ENOENT { throw SystemError("rmdir", paths.database) }
        return left
    }

    private func removeTree(_ path: String) throws {
        guard let status = FileStatus(of: path) else { return }
        guard status.kind == .directory else { return try removeFile(path) }
        for name in try namesInDirectory(path) { try removeTree(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError("rmdir", path) }
    }

    private func removeFile(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("unlink", path) }
    }
}
