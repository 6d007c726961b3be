import Dispatch
import Foundation
import ReplicaKit
import Subprocess
import Synchronization
import SystemPackage

/// A Unix socket of our own whose connections each become one `ssh … docker system dial-stdio`.
///
/// An accepted connection is the program's standard input and output: the kernel carries the bytes, and either end sees
/// the other go. The socket lies in a directory that only this user may enter.
final class SSHBridge: Sendable {
    /// The socket.
    let path: String
    private let directory: String
    /// Unsafe only to the compiler: it is made in `init`, and `cancel()` may be called from any thread.
    nonisolated(unsafe) private let listener: any DispatchSourceRead
    private let runner: Task<Void, Never>
    private let failure: FailureNote

    /// Listens; nothing is run before somebody connects.
    init(_ target: SSHTarget) throws(ReplicaKitError) {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/rk-ssh-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Self.failed("make a directory in \(parent)") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/docker.sock"
        let descriptor: CInt
        do {
            descriptor = try Self.listen(at: path)
        } catch {
            rmdir(directory)
            throw error
        }
        let (connections, incoming) = AsyncStream.makeStream(of: CInt.self)
        listener = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        listener.setEventHandler {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            // Not for other programs that are started meanwhile.
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            incoming.yield(connection)
        }
        listener.setCancelHandler {
            close(descriptor)
            incoming.finish()
        }
        listener.activate()
        let failure = FailureNote()
        self.failure = failure
        runner = Task {
            await withDiscardingTaskGroup { group in
                for await connection in connections {
                    group.addTask {
                        // Kept before the connection ends, so that whoever sees the end can read it.
                        if let words = await Self.serve(connection, target) { failure.keep(words) }
                        close(connection)
                    }
                }
            }
        }
    }

    /// Ends all programs, and removes the socket and its directory.
    func end() {
        listener.cancel()
        runner.cancel()
        unlink(path)
        rmdir(directory)
    }

    /// What a program said when it failed a moment ago.
    var recentFailure: String? { failure.recent }

    /// Runs one program on a connection.
    ///
    /// - Returns: Why it failed.
    private static func serve(_ connection: CInt, _ target: SSHTarget) async -> String? {
        let descriptor = FileDescriptor(rawValue: connection)
        var options = PlatformOptions()
        // Ctrl-C ends us in our own time, and the program with us.
        options.createSession = true
        do {
            let result = try await Subprocess.run(
                target.program.contains("/") ? .path(FilePath(target.program)) : .name(target.program),
                arguments: Arguments(target.arguments),
                platformOptions: options,
                input: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
                error: .string(limit: 1 << 18)
            )
            if case .exited(0) = result.terminationStatus { return nil }
            let words = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            return words.isEmpty ? "\(target.program) ended (\(result.terminationStatus))" : words
        } catch {
            return Task.isCancelled ? nil : "\(target.program) cannot be run: \(error)"
        }
    }

    private static func listen(at path: String) throws(ReplicaKitError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw failed("listen at \(path): the path is too long") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        #if canImport(Darwin)
            let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw failed("make a socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Foundation.listen(descriptor, 128) == 0 else {
            let error = failed("listen at \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func failed(_ what: String) -> ReplicaKitError {
        ReplicaKitError(
            .engineUnreachable,
            "cannot \(what), for connections over ssh: \(String(cString: strerror(errno)))",
            hint: "Set TMPDIR to a short path of a directory that can be written to."
        )
    }
}

/// The last failure of a program, and when it was.
private final class FailureNote: Sendable {
    private let note = Mutex<(words: String, at: ContinuousClock.Instant)?>(nil)

    func keep(_ words: String) { note.withLock { $0 = (words, .now) } }

    /// One that is older than this explains nothing that fails now.
    var recent: String? {
        note.withLock { note in note.flatMap { $0.at.duration(to: .now) < .seconds(5) ? $0.words : nil } }
    }
}
