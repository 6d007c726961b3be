import Foundation
public import Glibc

/// Makes a process hang: stops it with SIGSTOP, and returns when every thread of it has stopped.
///
/// The signal alone is not enough: a thread that runs on another processor may answer one more call before it stops.
public func hang(_ pid: pid_t) async throws {
    guard kill(pid, SIGSTOP) == 0 else { throw TestFailure("cannot stop \(pid): errno \(errno)") }
    while try !hasStopped(pid) { try await Task.sleep(for: .milliseconds(1)) }
}

/// The same where nothing can be awaited, such as while an event is told.
public func hangBlocking(_ pid: pid_t) throws {
    guard kill(pid, SIGSTOP) == 0 else { throw TestFailure("cannot stop \(pid): errno \(errno)") }
    while try !hasStopped(pid) { usleep(1000) }
}

private func hasStopped(_ pid: pid_t) throws -> Bool {
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
    return threads.allSatisfy { thread in
        // A thread that has ended meanwhile answers nothing either. The state follows the name in parentheses.
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/stat", encoding: .utf8) else {
            return true
        }
        return text.split(separator: ")").last?.drop(while: { $0 == " " }).first == "T"
    }
}
