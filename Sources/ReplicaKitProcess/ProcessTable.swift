import Glibc

/// All processes that `/proc` shows.
enum ProcessTable {
    /// The numbers of all processes.
    static func all() -> [Int32] {
        ((try? namesInDirectory("/proc")) ?? []).compactMap { Int32($0) }
    }

    /// A process's command as the kernel keeps it, at most 15 bytes; its arguments are not told, as they may hold
    /// secrets of others.
    static func command(of pid: Int32) -> String? {
        (try? readSmallFile("/proc/\(pid)/comm")).map { String($0.prefix { $0 != "\n" }) }
    }

    /// The inode numbers of the sockets that a process has open.
    static func socketInodes(of pid: Int32) -> Set<UInt64> {
        let directory = "/proc/\(pid)/fd"
        var found: Set<UInt64> = []
        for name in (try? namesInDirectory(directory)) ?? [] {
            if let inode = socketInode(ofLink: directory + "/" + name) { found.insert(inode) }
        }
        return found
    }

    private static func socketInode(ofLink path: String) -> UInt64? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let text = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasPrefix("socket:["), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst("socket:[".count).dropLast())
    }
}
