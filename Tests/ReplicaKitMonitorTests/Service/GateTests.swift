import Hummingbird
import NIOCore
import ReplicaKit
import Testing

@testable import ReplicaKitMonitor

@Suite("Who is let in")
struct GateTests {
    private let gate = Gate(token: Secret("0123456789abcdef"), openPaths: ["/healthz"])

    private func status(_ path: String, _ headers: HTTPFields = [:], _ gate: Gate? = nil) -> HTTPResponse.Status? {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "x", path: path, headerFields: headers)
        return (gate ?? self.gate).refusal(of: Request(head: head, body: .init(buffer: ByteBuffer())))?.status
    }

    @Test("The token opens as a bearer token and as the password of any name")
    func right() {
        #expect(status("/metrics", [.authorization: "Bearer 0123456789abcdef"]) == nil)
        #expect(status("/metrics", [.authorization: "bearer  0123456789abcdef"]) == nil)
        // "someone:0123456789abcdef"
        #expect(status("/", [.authorization: "Basic c29tZW9uZTowMTIzNDU2Nzg5YWJjZGVm"]) == nil)
    }

    @Test(
        "Anything else does not",
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdeF",
            "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "Basic MDEyMzQ1Njc4OWFiY2RlZg==",
            "Digest 0123456789abcdef",
            "0123456789abcdef",
        ] as [String?]
    )
    func wrong(header: String?) {
        var headers = HTTPFields()
        headers[.authorization] = header
        #expect(status("/metrics", headers) == .unauthorized)
        #expect(status("/healthz/..", headers) == .unauthorized)
        #expect(status("/healthz", headers) == nil)
    }

    @Test("Without a token everybody is let in, and bodies never are")
    func open() {
        let open = Gate(token: nil, openPaths: [])
        #expect(status("/", [:], open) == nil)
        #expect(status("/", [.contentLength: "1"], open) == .contentTooLarge)
        #expect(status("/", [.transferEncoding: "chunked"], open) == .contentTooLarge)
        #expect(status("/", [.contentLength: "0"], open) == nil)
    }

    @Test(
        "Whatever others can reach says what it lacks",
        arguments: [
            ("127.0.0.1", false, false, nil), ("127.9.9.9", false, false, nil), ("::1", false, false, nil),
            ("localhost", false, false, nil), ("0.0.0.0", true, true, nil), ("0.0.0.0", true, false, "no token"),
            ("192.0.2.1", false, true, "no TLS"), ("::", false, false, "no TLS and no token"),
            ("127.example.com", false, false, "no TLS and no token"),
        ]
    )
    func exposure(host: String, tls: Bool, token: Bool, what: String?) {
        let options = EndpointOptions(
            host: host,
            tls: tls ? .init(certificateFile: "c", keyFile: "k") : nil,
            token: token ? .file("t") : nil
        )
        #expect((options.exposure != nil) == (what != nil))
        if let what { #expect(options.exposure?.contains(what) == true) }
    }
}
