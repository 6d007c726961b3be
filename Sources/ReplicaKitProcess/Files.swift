import Glibc

/// An open file that closes itself.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(adopting raw: Int32) { self.raw = raw }

    /// Opens a file; never inherited by a process that is started meanwhile.
    init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws {
        raw = open(path, flags | O_CLOEXEC, mode)
        if raw < 0 { throw SystemError("open", path) }
    }

    deinit { close(raw) }
}

/// What `lstat` says of a file.
struct FileStatus: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case file, directory, symbolicLink, other }

    let kind: Kind
    let permissions: UInt32
    let size: Int
    let device: UInt64
    let inode: UInt64
    /// In seconds since 1970.
    let modifiedAt: Double

    /// The status of the file itself, of a symbolic link as such; `nil` when there is none.
    init?(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(ofOpen descriptor: borrowing Descriptor) {
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        permissions = UInt32(status.st_mode & 0o7777)
        size = Int(status.st_size)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modifiedAt = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }
}

/// The content of a small file, such as those of `/proc`; what is beyond the limit is left out.
func readSmallFile(_ path: String, limit: Int = 1 << 20) throws -> String {
    String(decoding: try readSmallFileBytes(path, limit: limit), as: UTF8.self)
}

/// The bytes of a small file; what is beyond the limit is left out.
func readSmallFileBytes(_ path: String, limit: Int = 1 << 20) throws -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    var content: [UInt8] = []
    while content.count < limit {
        let block = try readBlock(of: file, at: nil, count: min(65536, limit - content.count), path)
        if block.isEmpty { break }
        content += block
    }
    return content
}

/// Up to `count` bytes from an offset, or from where the last read ended.
func readBlock(of file: borrowing Descriptor, at offset: Int?, count: Int, _ path: String) throws -> [UInt8] {
    let raw = file.raw
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        var got = -1
        repeat {
            got =
                offset.map { pread(raw, buffer.baseAddress, count, off_t($0)) } ?? read(raw, buffer.baseAddress, count)
        } while got < 0 && errno == EINTR
        if got < 0 { throw SystemError("read", path) }
        initialized = got
    }
}

/// The names in a directory.
func namesInDirectory(_ path: String) throws -> [String] {
    guard let stream = opendir(path) else { throw SystemError("opendir", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// How names begin and end that this host gives files it has not finished.
enum TemporaryName {
    static func make() -> String { ".replicakit-\(UInt32.random(in: 0 ... .max)).tmp" }
    static func matches(_ name: String) -> Bool { name.hasPrefix(".replicakit-") && name.hasSuffix(".tmp") }
}

/// Writes a file so that there is the old one or the whole new one at any moment, a crash included.
func writeAtomically(_ bytes: [UInt8], to path: String, permissions: mode_t) throws {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let temporary = directory + "/" + TemporaryName.make()
    do {
        let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: permissions)
        guard fchmod(file.raw, permissions) == 0 else { throw SystemError("fchmod", path) }
        try writeAll(bytes, to: file, path)
        guard fsync(file.raw) == 0 else { throw SystemError("fsync", path) }
    } catch {
        unlink(temporary)
        throw error
    }
    guard rename(temporary, path) == 0 else {
        let error = SystemError("rename", path)
        unlink(temporary)
        throw error
    }
    try synchronizeDirectory(directory)
}

/// Makes the names in a directory survive a loss of power.
func synchronizeDirectory(_ path: String) throws {
    let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
    guard fsync(directory.raw) == 0 || errno == EINVAL else { throw SystemError("fsync", path) }
}

private func writeAll(_ bytes: [UInt8], to file: borrowing Descriptor, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(file.raw, $0.baseAddress, $0.count) }
        if written < 0 {
            if errno == EINTR { continue }
            throw SystemError("write", path)
        }
        rest = rest.dropFirst(written)
    }
}

/// The path without symbolic links, `.` and `..`; its end need not exist yet.
func canonicalPath(_ path: String) -> String {
    if let resolved = resolvedPath(path) { return resolved }
    guard let slash = path.lastIndex(of: "/") else { return path }
    let last = path[path.index(after: slash)...]
    let parent = canonicalPath(slash == path.startIndex ? "/" : String(path[..<slash]))
    switch last {
    case "", ".": return parent
    case "..":
        guard let above = parent.lastIndex(of: "/"), above != parent.startIndex else { return "/" }
        return String(parent[..<above])
    default:
        let candidate = parent == "/" ? "/" + last : parent + "/" + last
        return resolvedPath(candidate) ?? candidate
    }
}

/// What exists at a path, without symbolic links on the way.
private func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
