import ReplicaKit
import ReplicaKitMonitor
import TestSupport
import Testing

/// What clients that hold connections can do to those that ask.
@Suite("The endpoint's limits", .timeLimit(.minutes(20)))
struct EndpointLimitTests {
    private struct Input: Codable, Sendable {
        var port: Int
        var held: Int
    }

    private let set = ReplicaSet.stub("rs0", RefusingDriver())

    private func port(_ monitor: RunningMonitor) throws -> Int {
        try #require(Int(monitor.url.split(separator: ":").last ?? ""))
    }

    private static let client = """
        import socket, time
        def connect():
            return socket.create_connection(("127.0.0.1", input["port"]), timeout=60)
        def ask(client):
            client.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        def answer(client, seconds):
            client.settimeout(seconds)
            text = ""
            try:
                while not text.endswith("ok\\n"):
                    more = client.recv(4096).decode()
                    if not more: break
                    text += more
            except TimeoutError: return "nothing"
            return text

        """

    @Test("Beyond the limit a client waits, and is served when another goes")
    func connections() async throws {
        let options = EndpointOptions(port: 0, connectionLimit: 3)
        try await RunningMonitor.with([set], endpoint: options) { monitor in
            let told = try await Judge.ask(
                Self.client + """
                    held = [connect() for i in range(input["held"])]
                    for client in held: ask(client)
                    served = [answer(client, 60)[:15] for client in held]
                    late = connect()
                    ask(late)
                    before = answer(late, 1.5)
                    ask(held[0])
                    again = answer(held[0], 60)[:15]
                    held[1].close()
                    result = served + [before, again, answer(late, 60)[:15]]
                    """,
                input: Input(port: try port(monitor), held: 3),
                as: [String].self
            )
            let ok = "HTTP/1.1 200 OK"
            #expect(told == [ok, ok, ok, "nothing", ok, ok])
        }
    }

    @Test("Who says nothing, or half a request, or nothing after an answer is cut off; who goes on asking is not")
    func idle() async throws {
        let options = EndpointOptions(port: 0, idleTimeout: .seconds(4))
        try await RunningMonitor.with([set], endpoint: options) { monitor in
            let seconds = try await Judge.ask(
                Self.client + """
                    def lifetime(client):
                        begun = time.monotonic()
                        return time.monotonic() - begun if answer(client, 60) == "" else -1
                    silent = connect()
                    result = [lifetime(silent)]
                    half = connect()
                    half.sendall(b"GET /healthz HTTP/1.1\\r\\nHo")
                    result.append(lifetime(half))
                    done = connect()
                    ask(done)
                    assert answer(done, 60).startswith("HTTP/1.1 200 OK")
                    result.append(lifetime(done))
                    busy = connect()
                    for i in range(12):
                        ask(busy)
                        assert answer(busy, 60).startswith("HTTP/1.1 200 OK"), i
                        time.sleep(0.5)
                    """,
                input: Input(port: try port(monitor), held: 0),
                as: [Double].self
            )
            #expect(seconds.count == 3)
            // Not at once, and long before the client would give up.
            for lifetime in seconds { #expect(lifetime > 2 && lifetime < 60, "\(seconds)") }
        }
    }
}
