import Glibc

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
