import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOSSL
import ReplicaKit

/// Speaks the Engine API with one engine: requests with a limit, bodies included, and streams.
///
/// Endpoints stand in extensions, in `Endpoints/`. Nothing is remembered but the version that was agreed on.
final class EngineClient: Sendable {
    let endpoint: DockerEndpoint
    let clock: any Clock<Duration>
    private let http: HTTPClient
    private let bridge: SSHBridge?
    /// What requests begin with.
    private let baseURL: String
    private let agreed = AgreedVersion()
    /// Members that share an image wait for one pull of it.
    let pullLock = AsyncLock()

    /// What a short request may take.
    static let usualLimit = Duration.seconds(30)
    /// No answer that is collected is longer.
    static let longestAnswer = 32 << 20

    init(_ endpoint: DockerEndpoint, clock: any Clock<Duration> = ContinuousClock()) throws {
        self.endpoint = endpoint
        self.clock = clock
        var configuration = HTTPClient.Configuration()
        // A socket that is not there is said at once, not after ten seconds of trying.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Waits and streams hold a connection each; short requests must not queue behind them.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.timeout.connect = .seconds(10)
        configuration.redirectConfiguration = .disallow
        switch endpoint {
        case .unix(let path): (bridge, baseURL) = (nil, "http+unix://\(path.percentEncoded)")
        case .tcp(let host, let port, let tls):
            if let tls { configuration.tlsConfiguration = try Self.configuration(tls) }
            let host = host.contains(":") ? "[\(host)]" : host
            (bridge, baseURL) = (nil, "\(tls == nil ? "http" : "https")://\(host):\(port)")
        case .ssh(let target):
            let made = try SSHBridge(target)
            (bridge, baseURL) = (made, "http+unix://\(made.path.percentEncoded)")
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        bridge?.end()
        // The client must be shut down before it goes; it lives until that is done.
        let http = http
        Task.detached { try? await http.shutdown() }
    }

    private static func configuration(_ tls: DockerTLS) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            if let file = tls.caFile { configuration.trustRoots = .file(file) }
            if let file = tls.certificateFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
            }
            if let file = tls.keyFile {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            }
        } catch {
            throw ReplicaKitError(
                .tlsConfiguration,
                "the TLS files of the Docker engine cannot be used: \(error)",
                hint: "Look at DOCKER_CERT_PATH, or the context's files: ca.pem, cert.pem and key.pem.",
                cause: error
            )
        }
        if !tls.isVerified { configuration.certificateVerification = .none }
        return configuration
    }

    // MARK: - Requests

    /// One request.
    struct Request: Sendable {
        var method = HTTPMethod.GET
        /// The path's parts, unescaped.
        var path: [String]
        var query: [(String, String)] = []
        var body: Body?
        /// What it is for, as the end of "cannot …".
        var action: String
        var limit = EngineClient.usualLimit

        enum Body: Sendable {
            case json(Data)
            case tar([UInt8])
        }
    }

    /// An answer with its body.
    struct Answer: Sendable {
        var status: Int
        var body: ByteBuffer

        /// The `message` of an error, else the text itself.
        var message: String {
            struct Words: Decodable { var message: String? }
            let words = try? JSONDecoder().decode(Words.self, from: body)
            return words?.message ?? String(buffer: body).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Makes a request and collects the answer, whatever its status.
    func answer(to request: Request) async throws -> Answer {
        try await within(request.limit, request.action) {
            let response = try await self.execute(request)
            let body = try await response.body.collect(upTo: Self.longestAnswer)
            return Answer(status: Int(response.status.code), body: body)
        }
    }

    /// Makes a request that must be answered with success, or with one of these other states.
    ///
    /// - Throws: ``EngineRefusal`` for any other; ``ReplicaKit/ReplicaKitError``, family `host`, for the way there.
    @discardableResult
    func send(_ request: Request, allowing states: Set<Int> = []) async throws -> Answer {
        let answer = try await answer(to: request)
        guard (200..<300).contains(answer.status) || states.contains(answer.status) else {
            throw EngineRefusal(status: answer.status, message: answer.message, action: request.action)
        }
        return answer
    }

    /// The JSON that a request is answered with.
    func json<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value {
        let answer = try await send(request)
        do {
            return try JSONDecoder().decode(type, from: answer.body)
        } catch {
            throw ReplicaKitError(
                .engineFailed,
                "cannot \(request.action): the Docker engine at \(endpoint) answered what is not in its API: \(error)",
                hint: "Is it a Docker engine that listens there?",
                cause: error
            )
        }
    }

    /// As ``json(_:_:)``; `nil` where the engine says that there is no such thing.
    func jsonIfPresent<Value: Decodable & Sendable>(_ type: Value.Type, _ request: Request) async throws -> Value? {
        do {
            return try await json(type, request)
        } catch let refusal as EngineRefusal where refusal.status == 404 {
            return nil
        }
    }

    /// Makes a request whose answer comes bit by bit; only its beginning is limited.
    func stream(_ request: Request) async throws -> HTTPClientResponse.Body {
        let response = try await within(request.limit, request.action) { try await self.execute(request) }
        guard response.status.code < 300 else {
            let body = try await within(request.limit, request.action) {
                try await response.body.collect(upTo: Self.longestAnswer)
            }
            let answer = Answer(status: Int(response.status.code), body: body)
            throw EngineRefusal(status: answer.status, message: answer.message, action: request.action)
        }
        return response.body
    }

    private func execute(_ request: Request) async throws -> HTTPClientResponse {
        let version = try await agreed.version { try await self.negotiate() }
        return try await execute(request, root: "/v\(version)")
    }

    private func execute(_ request: Request, root: String) async throws -> HTTPClientResponse {
        let path = request.path.map(\.percentEncoded).joined(separator: "/")
        let query = request.query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        var message = HTTPClientRequest(
            url: "\(baseURL)\(root)/\(path)\(query.isEmpty ? "" : "?\(query)")"
        )
        message.method = request.method
        // Over a Unix socket there is no host to name, and without a name engines answer 400.
        if baseURL.hasPrefix("http+unix:") { message.headers.add(name: "Host", value: "docker") }
        switch request.body {
        case .json(let data):
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(data: data))
        case .tar(let bytes):
            message.headers.add(name: "Content-Type", value: "application/x-tar")
            message.body = .bytes(ByteBuffer(bytes: bytes))
        case nil: break
        }
        return try await http.execute(message, deadline: .distantFuture)
    }

    // MARK: - Version

    /// The newest that both sides speak; what we use has been there since 1.25.
    private static let newest = APIVersion(major: 1, minor: 44)
    private static let oldest = APIVersion(major: 1, minor: 25)

    private func negotiate() async throws -> APIVersion {
        let ping = Request(path: ["_ping"], action: "ask for its version")
        let response = try await execute(ping, root: "")
        _ = try await response.body.collect(upTo: 1 << 20)
        guard let text = response.headers.first(name: "Api-Version"), let theirs = APIVersion(text) else {
            throw ReplicaKitError(
                .engineFailed,
                "what answers at \(endpoint) (status \(response.status.code)) is no Docker engine",
                hint: "Check the endpoint: another service may listen there."
            )
        }
        guard theirs >= Self.oldest else {
            throw ReplicaKitError(
                .engineFailed,
                "the Docker engine at \(endpoint) speaks API \(theirs), and \(Self.oldest) is needed",
                hint: "Upgrade Docker."
            )
        }
        return min(theirs, Self.newest)
    }

    // MARK: - Limits

    /// Runs a request and gives up at the limit; errors of the way become the package's.
    func within<Result: Sendable>(
        _ limit: Duration,
        _ action: String,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await onTheWay(action) {
            guard let result = try await clock.unlessLate(limit, body) else { throw HTTPClientError.deadlineExceeded }
            return result
        }
    }

    /// Turns errors of the way to the engine into the package's; what the engine itself answered stays as it is.
    func onTheWay<Result>(_ action: String, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ReplicaKitError {
            throw error
        } catch let refusal as EngineRefusal {
            throw refusal
        } catch let error as StreamFrames.Malformed {
            throw malformed(error, action)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            if error is CancellationError || error as? HTTPClientError == .cancelled { throw CancellationError() }
            if let words = bridge?.recentFailure { throw ReplicaKitError.unreachable(endpoint, action, saying: words) }
            throw ReplicaKitError.unreachable(endpoint, action, error)
        }
    }
}

/// A version of the Engine API.
struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    var description: String { "\(major).\(minor)" }

    static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}

/// The version that was agreed on: asked for once, and again only where that failed.
private actor AgreedVersion {
    private var version: APIVersion?
    private let lock = AsyncLock()

    func version(_ negotiate: @Sendable () async throws -> APIVersion) async throws -> APIVersion {
        if let version { return version }
        return try await lock.withLock {
            if let version { return version }
            let found = try await negotiate()
            version = found
            return found
        }
    }
}
