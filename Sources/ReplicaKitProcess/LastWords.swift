import ReplicaKit

/// What the end of a member's log says of how its last run ended.
enum LastWords: Sendable, Hashable {
    /// There is no log, or nothing in it.
    case none
    /// The log ends in the middle of a run.
    case brokenOff
    /// The run ended by itself, with this exit code.
    case exit(Int)
    /// The run ended by a signal that it could still log.
    case signal(Int)

    /// "Shutting down", with the exit code: the very last line of a run that ends by itself.
    private static let shuttingDown = 23138
    /// "Fatal assertion" in its forms; the process leaves with code 14.
    private static let fatalAssertions: Set<Int> = [23089, 23090, 23091, 23092, 23093, 23094, 23095]
    /// "MongoDB starting": what is above belongs to an earlier run.
    private static let starting = 4_615_611

    /// Reads the end of a log, from the last line backwards to where the run began.
    init(logTail: String) {
        var fatal = false
        var something = false
        for text in logTail.split(whereSeparator: \.isNewline).reversed() {
            guard let line = MongodLogLine(text) else { continue }
            something = true
            switch line.id {
            case Self.shuttingDown:
                if let code = line.attributes?["exitCode"]?.integer {
                    self = .exit(Int(code))
                    return
                }
            case Self.starting:
                self = fatal ? .exit(14) : .brokenOff
                return
            case let id where Self.fatalAssertions.contains(id):
                fatal = true
            default:
                if line.severity == "F", let signal = Self.signal(in: line) {
                    self = .signal(signal)
                    return
                }
            }
        }
        self = fatal ? .exit(14) : something ? .brokenOff : .none
    }

    /// The number in "Got signal: 11 (Segmentation fault)."
    private static func signal(in line: MongodLogLine) -> Int? {
        let text = line.attributes?["message"]?.string ?? line.message
        guard text.hasPrefix("Got signal: ") else { return nil }
        return Int(text.dropFirst("Got signal: ".count).prefix(while: \.isNumber))
    }
}

extension MemberExit {
    /// How a member's last run ended, by what it left.
    ///
    /// A forked `mongod` is nobody's child, so nobody is told its exit status. But it empties its lock file when it
    /// has closed its data files, and its log ends in its exit code. One that vanished in the middle of a run was
    /// killed: by SIGKILL, by the kernel for want of memory, or with the whole machine; that is reported as signal 9.
    ///
    /// - Parameters:
    ///   - lockFileSize: The size of `mongod.lock`; `nil` when there is none, as before the first start.
    ///   - lastWords: The end of its log.
    init(lockFileSize: Int?, lastWords: LastWords) {
        switch (lastWords, lockFileSize) {
        case (.exit(0), 0): self = .clean
        case (.exit(0), nil): self = .unseen
        case (.exit(0), _): self = .signal(9)
        case (.exit(let code), _): self = .code(code)
        case (.signal(let number), _): self = .signal(number)
        case (.brokenOff, _): self = .signal(9)
        case (.none, nil): self = .unseen
        case (.none, 0): self = .clean
        case (.none, _): self = .signal(9)
        }
    }
}
