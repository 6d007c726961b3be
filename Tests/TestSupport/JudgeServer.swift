import Foundation
import Glibc
import Synchronization

/// One Python that has pymongo in memory and makes a child of itself for each script: to start it and to import pymongo
/// takes most of half a second of a processor, and tests ask a thousand times.
///
/// It ends, with its children, when the process of the tests does, for then its standard input ends.
final class JudgeServer: Sendable {
    static let shared = JudgeServer()

    private struct State {
        var process: Process?
        var requests: FileHandle?
        var waiting: [Int: CheckedContinuation<Int32, any Error>] = [:]
        var children: [Int: pid_t] = [:]
        var last = 0
        /// What came of a line that is not whole yet.
        var rest: [UInt8] = []
    }

    private let state = Mutex(State())

    /// Runs the script in a directory's file `in`; what it prints goes to `out` and `err`, which are there.
    ///
    /// - Parameter timeout: How long it may take until it is killed.
    /// - Returns: Its exit code; that of one that was killed is negative.
    func run(in directory: String, timeout: Duration) async throws -> Int32 {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let watchdog = Task {
            try await Task.sleep(for: timeout)
            if let pid = state.withLock({ $0.children[number] }) { kill(pid, SIGKILL) }
            // Should not even that come to its end.
            try await Task.sleep(for: .seconds(10))
            state.withLock { $0.waiting.removeValue(forKey: number) }?
                .resume(throwing: TestFailure("the judge's Python does not answer"))
        }
        defer { watchdog.cancel() }
        return try await withCheckedThrowingContinuation { waiting in
            state.withLock { state in
                do {
                    if state.requests == nil { (state.process, state.requests) = try start() }
                    state.waiting[number] = waiting
                    try state.requests?.write(contentsOf: Data("\(number) \(directory)\n".utf8))
                } catch {
                    state.waiting[number] = nil
                    waiting.resume(throwing: error)
                }
            }
        }
    }

    private func start() throws -> (Process, FileHandle) {
        guard Judge.isAvailable else {
            throw TestFailure("there is no \(Judge.python): scripts/tools makes it, or set RK_PYTHON")
        }
        // A write to a Python that has ended is an error that can be told.
        signal(SIGPIPE, SIG_IGN)
        let (process, requests, answers) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(filePath: Judge.python)
        process.arguments = ["-c", Self.program]
        process.standardInput = requests
        process.standardOutput = answers
        answers.fileHandleForReading.readabilityHandler = { [self] handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                giveUp()
            } else {
                take(data)
            }
        }
        try process.run()
        return (process, requests.fileHandleForWriting)
    }

    /// Takes what the server says: `started NUMBER PID`, then `ended NUMBER STATUS`.
    private func take(_ data: Data) {
        let ended = state.withLock { state in
            state.rest += data
            var ended: [(CheckedContinuation<Int32, any Error>, Int32)] = []
            while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
                let words = String(decoding: state.rest[..<end], as: UTF8.self).split(separator: " ")
                state.rest.removeFirst(end + 1)
                guard words.count == 3, let number = Int(words[1]), let value = Int32(words[2]) else { continue }
                if words[0] == "started" {
                    state.children[number] = value
                } else if let waiting = state.waiting.removeValue(forKey: number) {
                    state.children[number] = nil
                    ended.append((waiting, value))
                }
            }
            return ended
        }
        for (waiting, status) in ended { waiting.resume(returning: status) }
    }

    private func giveUp() {
        let waiting = state.withLock { state in
            (state.process, state.requests) = (nil, nil)
            defer { (state.waiting, state.children, state.rest) = ([:], [:], []) }
            return Array(state.waiting.values)
        }
        for waiting in waiting { waiting.resume(throwing: TestFailure("the judge's Python has ended")) }
    }

    private static let program = """
        import json, os, select, signal, sys
        import pymongo

        awake, wake = os.pipe()
        for end in (awake, wake): os.set_blocking(end, False)
        # Who started this may have blocked signals, and what is blocked stays so.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        children, rest, job = {}, b"", None

        def say(*words): os.write(1, (" ".join(map(str, words)) + "\\n").encode())

        try:
            while job is None:
                ready, _, _ = select.select([0, awake], [], [])
                if awake in ready: os.read(awake, 4096)
                while children:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                    if pid == 0: break
                    say("ended", children.pop(pid), os.waitstatus_to_exitcode(status))
                if 0 not in ready: continue
                data = os.read(0, 65536)
                if not data:
                    for pid in children: os.kill(pid, signal.SIGKILL)
                    os._exit(0)
                *lines, rest = (rest + data).split(b"\\n")
                for line in lines:
                    number, directory = line.decode().split(" ", 1)
                    pid = os.fork()
                    if pid == 0:
                        job = directory
                        break
                    children[pid] = number
                    say("started", number, pid)
        except BaseException:
            for pid in children: os.kill(pid, signal.SIGKILL)
            raise

        # From here on a child.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (awake, wake): os.close(end)
        for descriptor, name, mode in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
            file = os.open(os.path.join(job, name), mode)
            os.dup2(file, descriptor)
            os.close(file)
        request = json.load(sys.stdin)
        scope = {"input": request["input"], "result": None}
        exec(compile(request["script"], "judge", "exec"), scope)
        json.dump(scope["result"], sys.stdout, default=str)
        # Without a word to the threads of clients that nobody closed: the usual end waits for them, half a second each time.
        for stream in (sys.stdout, sys.stderr): stream.flush()
        os._exit(0)
        """
}
