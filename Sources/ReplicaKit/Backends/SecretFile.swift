#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A small file whose content must not be seen: read only when nobody else can, made so that nobody else ever could.
package struct SecretFile {
    /// The absolute path, or one relative to the working directory.
    let path: String

    /// Names a file.
    package init(path: String) { self.path = path }

    /// No secret is longer; a file that is must be something else.
    static let maximumSize = 64 * 1024

    /// The content, or `nil` when there is no such file.
    ///
    /// The mode is asked of the open file, so that what was checked is what is read.
    func content() throws(ReplicaKitError) -> String? {
        // O_NONBLOCK: opening a named pipe must not wait for somebody to write to it.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(.fileUnreadable, "cannot open", errno)
        }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0 else { throw failure(.fileUnreadable, "cannot look at", errno) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw ReplicaKitError(.fileUnreadable, "\(path) is not a file", hint: "Name a file that holds the secret.")
        }
        guard information.st_mode & 0o077 == 0 else {
            let mode = String(information.st_mode & 0o777, radix: 8)
            throw ReplicaKitError(
                .fileTooOpen,
                "\(path) holds a secret and others can read or change it (mode 0\(mode))",
                hint: "Run: chmod 600 '\(path)'. If others may have read it, change the secret."
            )
        }
        guard information.st_size <= Self.maximumSize else {
            throw ReplicaKitError(
                .fileUnreadable,
                "\(path) has \(information.st_size) bytes: no secret is longer than \(Self.maximumSize)"
            )
        }
        return try text(of: file)
    }

    private func text(of file: CInt) throws(ReplicaKitError) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= Self.maximumSize {
            let count = read(file, &chunk, chunk.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure(.fileUnreadable, "cannot read", errno)
            }
            bytes += chunk[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ReplicaKitError(.fileUnreadable, "\(path) is not UTF-8 text")
        }
        return text
    }

    /// Makes the file with this content, unless there is one already.
    ///
    /// The content is complete and on the disk before the name exists, so whoever sees the file sees all of it, and
    /// of two that try at once one wins.
    ///
    /// - Parameters:
    ///   - content: What is in it.
    ///   - mode: Who may do what with it.
    ///   - owner: Whose it is, which only root can say; `nil` is this process's user.
    /// - Returns: Whether this call made it.
    func create(
        _ content: String,
        mode: mode_t,
        owner: (user: Int, group: Int)? = nil
    ) throws(ReplicaKitError) -> Bool {
        try withCompleteCopy(of: content, mode: mode, owner: owner) { temporary throws(ReplicaKitError) in
            if link(temporary, path) == 0 { return true }
            if errno == EEXIST { return false }
            throw failure(.fileUnwritable, "cannot make", errno)
        }
    }

    /// Puts this content in the place of what the file had, with mode 0600: there is the old or the whole new one at
    /// any moment, a crash included.
    package func replace(with content: String) throws(ReplicaKitError) {
        try withCompleteCopy(of: content, mode: 0o600) { temporary throws(ReplicaKitError) in
            guard rename(temporary, path) == 0 else { throw failure(.fileUnwritable, "cannot write", errno) }
        }
    }

    /// Lends a file beside this one that has the content, on the disk; afterwards it is gone, and what was done to the
    /// directory is on the disk too.
    private func withCompleteCopy<Result>(
        of content: String,
        mode: mode_t,
        owner: (user: Int, group: Int)? = nil,
        _ publish: (String) throws(ReplicaKitError) -> Result
    ) throws(ReplicaKitError) -> Result {
        let directory = try makeDirectory()
        let suffix = UInt64.random(in: .min ... .max)
        let temporary = path + ".\(String(suffix, radix: 36)).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(.fileUnwritable, "cannot write", errno) }
        defer {
            close(file)
            unlink(temporary)
        }
        try put(content, into: file)
        if let owner, fchown(file, uid_t(owner.user), gid_t(owner.group)) != 0 {
            throw failure(.fileUnwritable, "cannot change the owner of", errno)
        }
        guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw failure(.fileUnwritable, "cannot write", errno) }
        let result = try publish(temporary)
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
        return result
    }

    /// Makes the file somebody else's, which only root can.
    func give(to owner: (user: Int, group: Int)) throws(ReplicaKitError) {
        guard lchown(path, uid_t(owner.user), gid_t(owner.group)) == 0 else {
            throw failure(.fileUnwritable, "cannot change the owner of", errno)
        }
    }

    private func put(_ content: String, into file: CInt) throws(ReplicaKitError) {
        var rest = Array(content.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in write(file, bytes.baseAddress, bytes.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure(.fileUnwritable, "cannot write", errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes the directories that are missing above the file, for the owner alone.
    private func makeDirectory() throws(ReplicaKitError) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        if slash == path.startIndex { return "/" }
        let directory = String(path[..<slash])
        var missing: [String] = []
        var candidate = directory[...]
        while !candidate.isEmpty, access(String(candidate), F_OK) != 0 {
            missing.append(String(candidate))
            candidate = candidate[..<(candidate.lastIndex(of: "/") ?? candidate.startIndex)]
        }
        for directory in missing.reversed() where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw failure(.fileUnwritable, "cannot make the directory of", errno)
        }
        return directory
    }

    private func failure(
        _ code: ReplicaKitError.Code,
        _ what: String,
        _ number: CInt
    ) -> ReplicaKitError {
        ReplicaKitError(code, "\(what) \(path): \(String(cString: strerror(number)))")
    }
}
