/// How much memory processes of this machine may use together.
enum MachineMemory {
    /// The machine's memory or the control group's limit, whichever is less, in bytes; `nil` where neither shows.
    static func bytes() -> UInt64? {
        let total = (try? readSmallFile("/proc/meminfo")).flatMap(totalMemory(ofMeminfo:))
        let limits = (try? readSmallFile("/proc/self/cgroup")).map(limitFiles(ofCgroup:)) ?? []
        let limit = limits.compactMap { try? readSmallFile($0) }.compactMap(parseLimit).min()
        return [total, limit].compactMap(\.self).min()
    }

    /// `MemTotal` of `/proc/meminfo`, in bytes.
    static func totalMemory(ofMeminfo text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
            return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 * 1024 }
        }
        return nil
    }

    /// The files that may limit a process, given its `/proc/self/cgroup`: its group's and all above it.
    static func limitFiles(ofCgroup text: String) -> [String] {
        var files: [String] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let (mount, file): (String, String)
            if parts[1].isEmpty {
                (mount, file) = ("/sys/fs/cgroup", "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                (mount, file) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            var components = parts[2].split(separator: "/")
            while true {
                files.append(([mount] + components.map(String.init) + [file]).joined(separator: "/"))
                if components.popLast() == nil { break }
            }
        }
        return files
    }

    /// A limit in bytes; `nil` for `max` and for the huge number that means no limit.
    static func parseLimit(_ text: String) -> UInt64? {
        guard let line = text.split(separator: "\n").first, let limit = UInt64(line) else { return nil }
        return limit < 1 << 60 ? limit : nil
    }
}
