import Glibc
import ReplicaKit

/// What `/proc` tells of what one process uses.
struct ProcessUsage: Sendable, Hashable {
    /// Processor time since its start, in seconds.
    let processorSeconds: Double?
    /// Memory in RAM, in bytes.
    let memory: UInt64?
    /// Bytes that went to and came from disks; `nil` when this user may not know.
    let diskRead, diskWritten: UInt64?

    /// Looks at a process; `nil` when it is gone.
    init?(of pid: Int32) {
        guard let stat = try? readSmallFile("/proc/\(pid)/stat") else { return nil }
        let io = try? readSmallFile("/proc/\(pid)/io")
        self.init(stat: stat, statm: try? readSmallFile("/proc/\(pid)/statm"), io: io)
    }

    /// Reads the files' texts.
    init(stat: String, statm: String?, io: String?) {
        // After the command in parentheses, which may contain anything, user and system time are the fields 12 and 13.
        let fields = stat.split(separator: ")").last?.split(whereSeparator: \.isWhitespace) ?? []
        let ticks =
            fields.count > 12 ? UInt64(fields[11]).flatMap { user in UInt64(fields[12]).map { user &+ $0 } } : nil
        processorSeconds = ticks.map { Double($0) / Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) }
        let pages = statm?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        memory = pages.map { $0 &* UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) }
        func number(_ key: String) -> UInt64? {
            io?.split(separator: "\n").first { $0.hasPrefix(key) }.flatMap { UInt64($0.dropFirst(key.count)) }
        }
        (diskRead, diskWritten) = (number("read_bytes: "), number("write_bytes: "))
    }

    /// What is used now, given an earlier look.
    func resources(after earlier: ProcessUsage?, elapsed: Duration) -> MemberResources {
        var resources = MemberResources()
        let seconds = elapsed / .seconds(1)
        if let now = processorSeconds, let before = earlier?.processorSeconds, now >= before, seconds > 0 {
            resources.processors = (now - before) / seconds
        }
        resources.memory = memory
        resources.memoryLimit = MachineMemory.bytes()
        (resources.diskRead, resources.diskWritten) = (diskRead, diskWritten)
        return resources
    }
}
