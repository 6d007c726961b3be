/// Whether a process is the member that a pid file speaks of.
///
/// A number in a file proves nothing: the process may have ended long ago and the number been given to another.
/// Nothing is signalled, and no member called running, unless this says ``ours``.
enum ProcessVerdict: Sendable, Hashable {
    /// The process is the member's `mongod`.
    case ours
    /// There is no such process, or it has ended and is only waiting to be reaped.
    case ended
    /// The number belongs to another process.
    case stranger

    /// How much later than the pid file's last change the process may seem to have started, in seconds: the kernel
    /// gives the time of boot in whole seconds.
    static let tolerance = 2.0

    /// Judges a process.
    ///
    /// - Parameters:
    ///   - facts: What `/proc` tells; `nil` when there is no such process.
    ///   - configPath: The member's config file, which its `mongod` was told to run with.
    ///   - pidFileWrittenAt: When the pid file last changed, in seconds since 1970. A process that started later
    ///     cannot have written it.
    ///   - holdsLock: Whether the process holds the lock of the member's data files. Then it is the member even
    ///     where the times disagree, as they do after the wall clock was set, or when the pid file was overwritten.
    static func judge(
        _ facts: ProcessFacts?,
        configPath: String,
        pidFileWrittenAt: Double?,
        holdsLock: Bool
    ) -> Self {
        guard let facts, !facts.isZombie else { return .ended }
        guard facts.runs(config: configPath) else { return .stranger }
        if holdsLock { return .ours }
        guard let pidFileWrittenAt, facts.startedAt <= pidFileWrittenAt + tolerance else { return .stranger }
        return .ours
    }
}
