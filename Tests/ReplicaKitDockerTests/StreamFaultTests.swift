import Foundation
import ReplicaKit
import Synchronization
import TestSupport
import Testing

@testable import ReplicaKitDocker

/// Streams that are cut, stall or carry errors, and engines that restart, on a real socket.
@Suite("Streams with faults")
struct StreamFaultTests {
    private static let start = "2026-11-24T12:00:00.000000000Z"

    private static func container(up: Bool = true, startedAt: String = start) -> StubEngine.Reply {
        StubEngine.json(
            #"{"Id":"0123456789abcdef","State":{"Status":"\#(up ? "running" : "exited")","Running":\#(up),"ExitCode":0,"StartedAt":"\#(startedAt)"},"Config":{"Labels":{"replicakit.set":"rs0","replicakit.member":"a"},"Tty":true}}"#
        )
    }

    private static let information = StubEngine.json(#"{"MemTotal":1,"SystemTime":"2026-11-24T12:00:00Z"}"#)

    /// A host whose engine answers with what `answer` gives for a request line, and how often it was like that before.
    private func with(
        clock: any Clock<Duration> = ContinuousClock(),
        _ answer: @escaping @Sendable (_ line: String, _ before: Int) -> StubEngine.Reply,
        _ body: (DockerHost, StubEngine) async throws -> Void
    ) async throws {
        let counts = Counts()
        try await TemporaryDirectory.with(prefix: "rk-stub") { directory in
            let engine = try StubEngine(in: directory) { line in
                let kind = line.split(separator: "?")[0].split(separator: "/").dropLast().last.map(String.init) ?? ""
                return answer(line, counts.next(kind))
            }
            defer { engine.close() }
            let spec = ReplicaSetSpec(
                name: "rs0",
                members: [MemberSpec(name: "a", host: MemberAddress(host: "172.22.0.10", port: 27017))],
                runtime: .docker(
                    DockerRuntime(
                        image: "mongo:7.0",
                        endpoint: "unix://\(engine.path)",
                        network: DockerNetwork(name: "net", subnet: "172.22.0.0/24")
                    )
                )
            )
            try await body(
                DockerHost(spec: spec, baseDirectory: directory.path, logger: .silent, clock: clock),
                engine
            )
        }
    }

    private final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func next(_ kind: String) -> Int {
            counts.withLock { counts in
                defer { counts[kind, default: 0] += 1 }
                return counts[kind, default: 0]
            }
        }
    }

    // MARK: - Logs

    @Test("A log whose stream ends or breaks goes on, and misses no line and no short run", .timeLimit(.minutes(20)))
    func followedLog() async throws {
        let logs = Counts()
        let looks = Counts()
        try await with { line, _ in
            if line.contains("/info") { return Self.information }
            if line.contains("/logs") {
                switch logs.next("") {
                case 0: return StubEngine.json("2026-11-24T12:00:01.000000000Z one\n")
                // Once more the last line, then a line, then the engine is gone in the middle of the next.
                case 1:
                    return .bytes(
                        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n2026-11-24T12:00:01.000000000Z one\n"
                            + "2026-11-24T12:00:02.000000000Z two\n2026-11-24T12:00:03.000000000Z thr"
                    )
                case 2: return .reset
                case 3:
                    // All of a run that began and ended meanwhile.
                    return StubEngine.json(
                        "2026-11-24T12:00:02.000000000Z two\n2026-11-24T12:00:03.000000000Z three\n"
                            + "2026-11-24T12:00:04.000000000Z short run\n"
                    )
                default: return .bytesThenSilence("")
                }
            }
            if line.contains("/json"), looks.next("") >= 4 {
                return Self.container(up: false, startedAt: "2026-11-24T12:00:03.500000000Z")
            }
            return Self.container()
        } _: { host, engine in
            var lines = try await host.log(of: "a", lastLines: 5, follow: true).makeAsyncIterator()
            var seen: [String?] = []
            for _ in 0..<4 { seen.append(try await lines.next()) }
            #expect(seen == ["one", "two", "three", "short run"])
            let since = engine.seen.filter { $0.contains("/logs") }.dropFirst().first
            #expect(since?.contains("since=1795521601.000000000") == true)
        }
    }

    // MARK: - Pulls

    private static func pull(_ lines: String...) -> String { lines.joined(separator: "\r\n") + "\r\n" }

    @Test("A pull tells its layers and bytes")
    func pullProgress() async throws {
        let pulled = Mutex(false)
        try await with { line, _ in
            if line.contains("/images/create") {
                pulled.withLock { $0 = true }
                return StubEngine.json(
                    Self.pull(
                        #"{"status":"Pulling from library/mongo","id":"7.0"}"#,
                        #"{"status":"Pulling fs layer","progressDetail":{},"id":"aa"}"#,
                        #"{"status":"Already exists","progressDetail":{},"id":"bb"}"#,
                        #"{"status":"Downloading","progressDetail":{"current":1000000,"total":4000000},"id":"aa"}"#,
                        #"{"status":"Downloading","progressDetail":{"current":1000001,"total":4000000},"id":"aa"}"#,
                        #"{"status":"Download complete","progressDetail":{},"id":"aa"}"#,
                        #"not JSON"#,
                        #"{"status":"Pull complete","progressDetail":{},"id":"aa"}"#,
                        #"{"status":"Status: Downloaded newer image for mongo:7.0"}"#
                    )
                )
            }
            // Then the test ends: what comes after the pull is not its affair.
            return pulled.withLock(\.self)
                ? StubEngine.json(#"{"message":"enough"}"#, status: "500 Internal Server Error")
                : StubEngine.json(#"{"message":"No such image"}"#, status: "404 Not Found")
        } _: { host, _ in
            let notes = Mutex<[String]>([])
            await #expect(throws: ReplicaKitError.self) {
                try await host.create("a", keyFile: RealMembers.makeKeyFile()) { note in
                    notes.withLock { $0.append(note) }
                }
            }
            #expect(
                notes.withLock(\.self) == [
                    "pulling mongo:7.0", "pulling mongo:7.0: 0 of 1 layers", "pulling mongo:7.0: 1 of 2 layers",
                    "pulling mongo:7.0: 1 of 2 layers, 1 of 4 MB", "pulling mongo:7.0: 1 of 2 layers, 4 of 4 MB",
                    "pulling mongo:7.0: 2 of 2 layers, 4 of 4 MB",
                ]
            )
        }
    }

    @Test("A pull that fails inside its answer of status 200 says why")
    func pullError() async throws {
        try await with { line, _ in
            line.contains("/images/create")
                ? StubEngine.json(
                    Self.pull(#"{"status":"Pulling from x"}"#, #"{"error":"toomanyrequests: slow down"}"#)
                )
                : StubEngine.json(#"{"message":"No such image"}"#, status: "404 Not Found")
        } _: { host, _ in
            do {
                try await host.create("a", keyFile: RealMembers.makeKeyFile())
                Issue.record("it was made")
            } catch let error as ReplicaKitError {
                #expect(error.code == .imageMissing && error.message.contains("toomanyrequests"))
            }
        }
    }

    @Test("A pull that says nothing any more is given up", .timeLimit(.minutes(20)))
    func stalledPull() async throws {
        try await with { _, _ in
            .bytesThenSilence("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\":\"Waiting\",\"id\":\"aa\"}\n")
        } _: { host, _ in
            let engine = try host.place(of: "a").engine
            do {
                try await engine.pull("mongo:7.0", silence: .milliseconds(300)) { _ in }
                Issue.record("it ended")
            } catch let error as ReplicaKitError {
                #expect(error.code == .engineUnreachable && error.message.contains("pull the image mongo:7.0"))
            }
        }
    }

    // MARK: - A daemon that restarts

    @Test("Waiting goes on over a restart; stopping and watching say that the engine went", .timeLimit(.minutes(20)))
    func restart() async throws {
        let looks = Counts()
        try await with { line, _ in
            if line.contains("/info") { return Self.information }
            // The beginning of an answer, and then the daemon is gone.
            if line.contains("/events") { return .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") }
            if line.contains("/stop") { return .reset }
            return switch looks.next("") {
            case 0, 1: Self.container()
            case 2, 3, 4: .reset
            case 5...8: Self.container()
            default: Self.container(up: false)
            }
        } _: { host, _ in
            var events = try await host.events(since: nil).makeAsyncIterator()
            await #expect { _ = try await events.next() } throws: {
                ($0 as? ReplicaKitError)?.code == .engineUnreachable
            }
            // Looks 0 to 4 are this wait's, and the next ones after the engine is back.
            async let exit = host.waitForExit(of: "a", timeout: .seconds(60))
            #expect(try await exit == .clean)
        }
        try await with { line, _ in
            line.contains("/stop") ? .reset : Self.container()
        } _: { host, _ in
            await #expect { _ = try await host.stop("a", grace: .seconds(30)) } throws: {
                ($0 as? ReplicaKitError)?.code == .engineUnreachable && ($0 as? ReplicaKitError)?.hint != nil
            }
        }
    }

    // MARK: - Many at once

    @Test("Waits, log streams and looks at usage in numbers do not hold up a short request", .timeLimit(.minutes(20)))
    func crowd() async throws {
        // On a busy machine a call may wait for long before its turn comes, and must not give up meanwhile.
        try await with(clock: StoppedClock()) { line, _ in
            if line.contains("/info") { return Self.information }
            let isLong = ["/stop", "/logs", "/stats"].contains { line.contains($0) }
            return isLong ? .bytesThenSilence("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") : Self.container()
        } _: { host, engine in
            let tasks = (0..<40).flatMap { _ in
                [
                    Task { _ = try await host.stop("a", grace: .seconds(600)) },
                    Task { for try await _ in try await host.log(of: "a", lastLines: 0, follow: true) {} },
                    Task { _ = try await host.resources(of: "a") },
                ]
            }
            for kind in ["/stop", "/logs", "/stats"] {
                let deadline = ContinuousClock.now + .seconds(300)
                while engine.seen.count(where: { $0.contains(kind) }) < 40 {
                    guard ContinuousClock.now < deadline else {
                        for task in tasks { task.cancel() }
                        var ends: Set<String> = []
                        for task in tasks { ends.insert("\(await task.result)") }
                        throw TestFailure(
                            "\(engine.seen.count { $0.contains(kind) }) \(kind) came; the calls ended so: \(ends)"
                        )
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            // All of them hang now, and none will end by itself before this.
            let client = try host.place(of: "a").engine
            try await client.ping()
            guard case .running = try await host.state(of: "a") else {
                Issue.record("it runs")
                return
            }
            for task in tasks { task.cancel() }
            for task in tasks { _ = await task.result }
        }
    }
}
