internal import ReplicaKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open file or directory, closed when it goes.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    deinit { close(descriptor) }

    /// Makes sure that this is a file, and no pipe or device.
    func requireRegular(_ path: String) throws(ReplicaKitError) {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw LocalFailure.error("look at", path) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw ReplicaKitError(.backupStoreFailed, "\(path) is not a file")
        }
    }
}

/// An open directory below the root of a store. Names are looked up in it one at a time and symbolic links are never
/// followed, so whatever stands there, nothing outside of the root is touched.
struct LocalDirectory: ~Copyable {
    /// For errors.
    let path: String
    private let file: OpenFile

    /// What is in a directory.
    enum Entry {
        case directory(String)
        case file(String, bytes: Int)
        /// What is neither, such as a symbolic link.
        case other(String)
    }

    /// Opens the root, which may be a symbolic link; `nil` when it is not there.
    init?(root: String) throws(ReplicaKitError) {
        let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw LocalFailure.error("open", root)
        }
        self.init(path: root, file: OpenFile(descriptor: descriptor))
    }

    private init(path: String, file: consuming OpenFile) {
        self.path = path
        self.file = file
    }

    /// Opens a directory in this one; `nil` when it is not there.
    func directory(_ name: String) throws(ReplicaKitError) -> LocalDirectory? {
        let descriptor = openat(file.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw LocalFailure.error("open the directory", path(name))
        }
        return LocalDirectory(path: path(name), file: OpenFile(descriptor: descriptor))
    }

    /// Makes a directory for the owner alone, durably, unless it is there.
    func makeDirectory(_ name: String) throws(ReplicaKitError) {
        if mkdirat(file.descriptor, name, 0o700) == 0 { return try synchronize() }
        guard errno == EEXIST else { throw LocalFailure.error("make the directory", path(name)) }
    }

    /// Opens a file of this directory; `nil` when it is not there.
    ///
    /// - Parameter flags: Without `O_NONBLOCK`, which is added so that a named pipe is refused and not waited for.
    func openFile(_ name: String, _ flags: Int32) throws(ReplicaKitError) -> OpenFile? {
        let descriptor = openat(file.descriptor, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw LocalFailure.error("open", path(name))
        }
        let opened = OpenFile(descriptor: descriptor)
        try opened.requireRegular(path(name))
        return opened
    }

    /// Gives something in this directory another name in it.
    func rename(_ name: String, to new: String) throws(ReplicaKitError) {
        guard renameat(file.descriptor, name, file.descriptor, new) == 0 else {
            throw LocalFailure.error("rename \(path(name)) to", path(new))
        }
    }

    /// Removes a file. One that is not there is no error.
    func removeFile(_ name: String) throws(ReplicaKitError) {
        guard unlinkat(file.descriptor, name, 0) == 0 || errno == ENOENT else {
            throw LocalFailure.error("remove", path(name))
        }
    }

    /// Removes a directory if it is empty.
    /// - Returns: Whether it is gone.
    func removeDirectory(_ name: String) throws(ReplicaKitError) -> Bool {
        if unlinkat(file.descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw LocalFailure.error("remove the directory", path(name))
        }
        return false
    }

    /// Makes the names in this directory survive a loss of power.
    func synchronize() throws(ReplicaKitError) {
        // Some file systems have nothing to do for a directory, and say so with EINVAL.
        guard fsync(file.descriptor) == 0 || errno == EINVAL else { throw LocalFailure.error("write", path) }
    }

    /// What is in this directory. What has a name that is not text is left out: nothing of ours is called so.
    func entries() throws(ReplicaKitError) -> [Entry] {
        // A stream closes its descriptor, and moves the position of every copy of it: it gets one of its own.
        let descriptor = openat(file.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LocalFailure.error("read the directory", path) }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            throw LocalFailure.error("read the directory", path)
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw LocalFailure.error("read the directory", path) }
                return entries
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(validating: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name, name != ".", name != ".." else { continue }
            var information = stat()
            guard fstatat(file.descriptor, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else {
                // Removed meanwhile.
                if errno == ENOENT { continue }
                throw LocalFailure.error("look at", path(name))
            }
            switch information.st_mode & S_IFMT {
            case S_IFDIR: entries.append(.directory(name))
            case S_IFREG: entries.append(.file(name, bytes: Int(information.st_size)))
            default: entries.append(.other(name))
            }
        }
    }

    /// The path of something in this directory, for errors.
    func path(_ name: String) -> String { "\(path)/\(name)" }
}

/// What the file system says.
enum LocalFailure {
    /// The error of the call that has just failed.
    static func error(_ what: String, _ path: String) -> ReplicaKitError {
        let number = errno
        let message = "cannot \(what) \(path): \(String(cString: strerror(number)))"
        switch number {
        case ENOSPC, EDQUOT:
            return ReplicaKitError(
                .diskFull,
                message,
                hint: "Remove what is not needed there, or use another directory."
            )
        case ELOOP, ENOTDIR:
            return ReplicaKitError(
                .backupStoreFailed,
                message,
                hint: "Below the directory of the backups nothing may be a symbolic link."
            )
        default:
            return ReplicaKitError(.backupStoreFailed, message)
        }
    }
}
