import Glibc
internal import Subprocess
internal import SystemPackage

/// How a short-lived process ended, and the beginning of what it printed.
struct ProcessOutcome: Sendable, Hashable {
    enum Status: Sendable, Hashable {
        case exited(Int)
        case killed(Int)
        case timedOut
    }

    let status: Status
    let output: String
}

/// Runs a program to its end, with an argument array and next to no environment.
///
/// - Parameters:
///   - path: The program.
///   - arguments: Its arguments: nothing secret, every user sees them.
///   - directory: Its working directory.
///   - deadline: When it is killed; `nil` for never.
///   - clock: What measures the deadline.
func runProcess(
    _ path: String,
    _ arguments: [String],
    in directory: String = "/",
    deadline: Duration?,
    clock: any Clock<Duration>
) async throws -> ProcessOutcome {
    try await withThrowingTaskGroup(of: ProcessOutcome?.self) { group in
        group.addTask {
            let result = try await Subprocess.run(
                .path(FilePath(path)),
                arguments: Arguments(arguments),
                environment: .custom(inheritedEnvironment()),
                workingDirectory: FilePath(directory),
                input: .none,
                output: .string(limit: 1 << 18),
                error: .combinedWithOutput
            )
            let status: ProcessOutcome.Status =
                switch result.terminationStatus {
                case .exited(let code): .exited(Int(code))
                case .signaled(let number): .killed(Int(number))
                }
            return ProcessOutcome(status: status, output: result.standardOutput)
        }
        if let deadline {
            group.addTask {
                try await clock.sleep(for: deadline)
                return nil
            }
        }
        defer { group.cancelAll() }
        return try await group.next().flatMap(\.self) ?? ProcessOutcome(status: .timedOut, output: "")
    }
}

/// What a `mongod` gets of this process's environment: where to find programs and libraries, the time zone, and how
/// its libraries were told to behave. The language is plain English, because its messages are read.
private func inheritedEnvironment() -> [Environment.Key: String] {
    let names = ["PATH", "LD_LIBRARY_PATH", "TZ", "GLIBC_TUNABLES", "OPENSSL_CONF"]
    var environment: [Environment.Key: String] = ["LC_ALL": "C"]
    for name in names {
        if let key = Environment.Key(rawValue: name), let value = environmentValue(name) { environment[key] = value }
    }
    return environment
}

/// A variable of this process's environment.
func environmentValue(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
