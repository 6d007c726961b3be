import ReplicaKit
import ReplicaKitDocker
import TestSupport
import Testing

/// Engines that do what engines should not, on a real socket.
@Suite("Engines with faults")
struct FaultTests {
    private static let running =
        #"{"Id":"0123456789abcdef","Name":"/a","State":{"Status":"running","Running":true,"StartedAt":"2026-11-24T12:00:00.123456789Z"},"Config":{"Labels":{"replicakit.set":"rs0","replicakit.member":"a"},"Tty":false},"Mounts":null,"NetworkSettings":null}"#

    private func with(
        clock: any Clock<Duration> = ContinuousClock(),
        _ answer: @escaping @Sendable (String) -> StubEngine.Reply,
        _ body: (DockerHost, StubEngine) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with(prefix: "rk-stub") { directory in
            let engine = try StubEngine(in: directory, answer)
            defer { engine.close() }
            let spec = ReplicaSetSpec(
                name: "rs0",
                members: [MemberSpec(name: "a", host: MemberAddress(host: "172.22.0.10", port: 27017))],
                runtime: .docker(
                    DockerRuntime(
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

    private func code(_ body: () async throws -> Void) async -> ReplicaKitError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ReplicaKitError)?.code
        }
    }

    @Test("Nulls where the schema says array or object are normal")
    func nulls() async throws {
        try await with({ _ in StubEngine.json(Self.running) }) { host, _ in
            guard case .running(let process) = try await host.state(of: "a") else {
                Issue.record("it runs")
                return
            }
            #expect(process.identity == "0123456789ab")
            #expect(abs((process.startedAt ?? 0) - 1_795_521_600.123) < 0.001)
        }
    }

    @Test("An early 404, a reset, half an answer, and what is no JSON")
    func broken() async throws {
        try await with({ _ in StubEngine.json(#"{"message":"No such container"}"#, status: "404 Not Found") }) {
            host,
            _ in
            let state = try await host.state(of: "a")
            #expect(state == .absent)
        }
        try await with({ _ in .reset }) { host, _ in
            #expect(await code { _ = try await host.state(of: "a") } == .engineUnreachable)
        }
        try await with({ _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"Id\":") }) { host, _ in
            #expect(await code { _ = try await host.state(of: "a") } == .engineUnreachable)
        }
        try await with({ _ in StubEngine.json("<html>") }) { host, _ in
            #expect(await code { _ = try await host.state(of: "a") } == .engineFailed)
        }
        try await with({ _ in StubEngine.json("page not found", status: "500 Internal Server Error") }) { host, _ in
            #expect(await code { _ = try await host.state(of: "a") } == .engineFailed)
        }
    }

    @Test(
        "Log frames that are cut, absurd, or text",
        arguments: ["\u{1}\0\0", "\u{1}\0\0\0\u{7F}\u{7F}\u{7F}\u{7F}", "error: gone"]
    )
    func frames(body: String) async throws {
        try await with({ line in
            line.contains("/logs") ? StubEngine.json(body) : StubEngine.json(Self.running)
        }) { host, _ in
            let error = await code {
                for try await _ in try await host.log(of: "a", lastLines: 5, follow: false) {}
            }
            #expect(error == .engineFailed)
        }
    }

    @Test("An engine that never answers can be given up", .timeLimit(.minutes(20)))
    func silent() async throws {
        try await with({ _ in .bytesThenSilence("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{") }) { host, engine in
            let task = Task { try await host.state(of: "a") }
            while engine.seen.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    @Test("Waits in numbers do not hold up a short request", .timeLimit(.minutes(20)))
    func manyWaits() async throws {
        // Stopping hangs in every one; looking answers at once.
        // Nor may one give up that waits for its turn on a busy machine.
        try await with(
            clock: StoppedClock(),
            { line in
                line.contains("/stop") ? .bytesThenSilence("") : StubEngine.json(Self.running)
            }
        ) { host, engine in
            let stops = (0..<40).map { _ in Task { try await host.stop("a", grace: .seconds(600)) } }
            while engine.seen.count(where: { $0.contains("/stop") }) < 40 {
                try await Task.sleep(for: .milliseconds(5))
            }
            guard case .running = try await host.state(of: "a") else {
                Issue.record("it runs")
                return
            }
            #expect(engine.seen.count(where: { $0.contains("/_ping") }) == 1, "the version is agreed on once")
            for stop in stops { stop.cancel() }
            for stop in stops { await #expect(throws: CancellationError.self) { _ = try await stop.value } }
        }
    }

    @Test("A container of another set is left alone")
    func taken() async throws {
        try await with({ _ in
            StubEngine.json(Self.running.replacing("\"rs0\"", with: "\"other\""))
        }) { host, engine in
            #expect(await code { _ = try await host.state(of: "a") } == .nameTaken)
            #expect(await code { _ = try await host.stop("a", grace: .zero) } == .nameTaken)
            #expect(await code { try await host.remove("a", includingData: true) } == .nameTaken)
            #expect(engine.seen.allSatisfy { $0.hasPrefix("GET ") })
        }
    }
}
