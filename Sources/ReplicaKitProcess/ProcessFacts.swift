import Glibc

/// What `/proc` tells of one process.
struct ProcessFacts: Sendable, Hashable {
    let pid: Int32
    /// The letter of its state: `Z` is a zombie, `X` is dead.
    let state: Character
    /// When it started, in seconds since 1970, to about a second.
    let startedAt: Double
    /// Its argument vector.
    let arguments: [String]

    /// Whether it was told to run with a config file: `--config` and the path are arguments, one after the other.
    func runs(config path: String) -> Bool {
        zip(arguments, arguments.dropFirst()).contains { $0 == "--config" && $1 == path }
    }

    /// Whether it has ended and only waits for its parent to notice.
    var isZombie: Bool { state == "Z" || state == "X" }

    /// Whether it is about to end, or has ended: the kernel takes a dying process's memory, and the arguments with it,
    /// before it closes its files. Other threads may have those open even when the first one is a zombie.
    var isDying: Bool { isZombie || arguments.isEmpty }

    /// The facts of a process that exists.
    init?(of pid: Int32) {
        guard pid > 0, let stat = try? readSmallFile("/proc/\(pid)/stat"),
            let fields = Self.parse(stat: stat), let bootedAt = Self.bootTime
        else { return nil }
        let commandLine = (try? readSmallFileBytes("/proc/\(pid)/cmdline")) ?? []
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        self.init(
            pid: pid,
            state: fields.state,
            startedAt: bootedAt + Double(fields.startTicks) / ticks,
            arguments: Self.parse(commandLine: commandLine)
        )
    }

    init(pid: Int32, state: Character, startedAt: Double, arguments: [String]) {
        self.pid = pid
        self.state = state
        self.startedAt = startedAt
        self.arguments = arguments
    }

    /// State (field 3) and start time (field 22) of `/proc/PID/stat`.
    ///
    /// Field 2 is the command in parentheses and may itself contain spaces and parentheses: the last one ends it.
    static func parse(stat: String) -> (state: Character, startTicks: UInt64)? {
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard fields.count >= 20, let state = fields[0].first, let ticks = UInt64(fields[19]) else { return nil }
        return (state, ticks)
    }

    /// The arguments of `/proc/PID/cmdline`, each of which ends in a zero byte.
    static func parse(commandLine: [UInt8]) -> [String] {
        var parts = commandLine.split(separator: 0, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    /// When the machine was booted, in whole seconds since 1970: the kernel's own number, so that the start of a
    /// process reads the same each time.
    private static var bootTime: Double? {
        guard let text = try? readSmallFile("/proc/stat", limit: 1 << 22) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst("btime ".count))
        }
        return nil
    }
}
