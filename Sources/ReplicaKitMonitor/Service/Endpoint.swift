import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ReplicaKit
import ServiceLifecycle

/// The HTTP side of a ``Monitor``. Nothing that is asked of it reaches a MongoDB server: it answers from the last looks.
struct Endpoint: Sendable {
    let options: EndpointOptions
    let monitor: Monitor
    let logger: Logger

    /// Longest header and most headers of a request; no request has a body.
    private static let headerBytes = 16 * 1024
    private static let headerCount = 64

    /// Serves until cancelled or stopped, and does something else meanwhile, from when it listens until it has stopped
    /// serving: where it cannot listen, nothing has been begun that would have to be broken off.
    func serve(
        while work: @escaping @Sendable () async throws -> Void,
        listening: @escaping @Sendable (String) -> Void
    ) async throws {
        let (listens, listen) = AsyncStream<Never>.makeStream()
        let service = WatchService {
            for await _ in listens {}
            try await work()
        }
        let http = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(options.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.headerBytes,
                    maxHeaderListSize: Self.headerBytes,
                    maxHeaderFieldCount: Self.headerCount
                )
            )
        )
        let tls = try options.tls.map(Self.tlsConfiguration)
        let scheme = tls == nil ? "http" : "https"
        var quiet = logger
        // Whoever speaks no HTTP to the port is no news for an operator.
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: try responder(),
            server: try tls.map { try .tls(http, tlsConfiguration: $0) } ?? http,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: .maximum(options.connectionLimit, logger: quiet)
            ),
            services: [service],
            onServerRunning: { channel in
                let host = options.host.contains(":") ? "[\(options.host)]" : options.host
                listening("\(scheme)://\(host):\(channel.localAddress?.port ?? options.port)")
                listen.finish()
            },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw cannotListen(
                String(cString: strerror(error.errnoCode)),
                isTaken: error.errnoCode == EADDRINUSE,
                error
            )
        } catch let error as SocketAddressError.UnknownHost {
            throw cannotListen("\(error)", isTaken: false, error)
        }
    }

    private func responder() throws -> CallbackResponder<BasicRequestContext> {
        let token = try options.token.map { try Self.token($0, in: options.baseDirectory) }
        // Whether the process lives may be asked by everybody: it tells nothing else.
        let gate = Gate(token: token, openPaths: ["/healthz"])
        let routes = router().buildResponder()
        return CallbackResponder { request, context in
            var response = try await Self.answer(request, context, behind: gate, routes)
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }

    private static func answer<Context>(
        _ request: Request,
        _ context: Context,
        behind gate: Gate,
        _ routes: some HTTPResponder<Context>
    ) async throws -> Response where Context: RequestContext {
        if let refusal = gate.refusal(of: request) { return refusal }
        do {
            return try await routes.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            // What is not found, for one.
            return try error.response(from: request, context: context)
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("healthz") { _, _ in health() }
        router.get("readyz") { _, _ in readiness() }
        router.get("metrics") { request, _ in
            let format = MetricsFormat(accepting: request.headers[values: .accept].joined(separator: ","))
            return Response(text: monitor.metrics(format), type: format.contentType)
        }
        router.get("api/status") { request, _ in
            let name = request.uri.queryParameters["set"].map(String.init)
            guard name == nil || monitor.watches.contains(where: { $0.set.spec.name.rawValue == name }) else {
                return Response(status: .notFound, text: "no set of that name is watched\n")
            }
            let document = try BSONEncoder().encode(StatusDocument(monitor, set: name))
            return Response(text: try document.extendedJSON(.relaxed), type: "application/json")
        }
        let page = StatusPage(sets: monitor.watches.map(\.set.spec.name))
        router.get("/") { _, _ in page.response() }
        return router
    }

    private func health() -> Response {
        monitor.watches.contains(where: \.isStuck)
            ? Response(status: .serviceUnavailable, text: "the watching of a set is stuck\n")
            : Response(text: "ok\n")
    }

    private func readiness() -> Response {
        let missing = monitor.watches.map(\.record).filter { $0.examination == nil }
        guard !missing.isEmpty else { return Response(text: "ok\n") }
        let lines = missing.map { "\($0.name): \($0.failure?.message ?? "no look has ended yet")\n" }
        return Response(status: .serviceUnavailable, text: lines.joined())
    }

    private func cannotListen(_ why: String, isTaken: Bool, _ cause: any Error) -> ReplicaKitError {
        ReplicaKitError(
            isTaken ? .portInUse : .invalidArgument,
            "cannot listen on \(options.host) port \(options.port): \(why)",
            hint: isTaken
                ? "Something listens there already, perhaps another monitor: choose another port."
                : "Give an address of this machine, and a port that this user may take.",
            cause: cause
        )
    }
}

extension Endpoint {
    private static func tlsConfiguration(_ files: EndpointOptions.TLS) throws -> TLSConfiguration {
        let key = try secret(.file(files.keyFile), in: "", as: "the private key of the endpoint")
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile)
            guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            return TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.reveal().utf8), format: .pem))
            )
        } catch {
            throw ReplicaKitError(
                .tlsConfiguration,
                "cannot use the certificate \(files.certificateFile) with the key \(files.keyFile): \(error)",
                hint: "Give PEM files: the certificate with its chain, and its private key without a password.",
                cause: error
            )
        }
    }

    /// Shorter tokens could be guessed.
    private static let shortestToken = 16

    private static func token(_ reference: SecretReference, in directory: String) throws -> Secret {
        let token = try secret(reference, in: directory, as: "the token of the endpoint")
        let text = token.reveal()
        guard text.utf8.count >= shortestToken, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ReplicaKitError(
                .invalidArgument,
                "the token of the endpoint must have at least \(shortestToken) characters, ASCII and without spaces",
                hint: "Make one: openssl rand -hex 32"
            )
        }
        return token
    }

    private static func secret(_ reference: SecretReference, in directory: String, as what: String) throws -> Secret {
        let found = Result { () throws(ReplicaKitError) in try SecretStore(baseDirectory: directory).read(reference) }
        guard case .failure(let error) = found, error.code == .secretMissing else { return try found.get() }
        throw ReplicaKitError(
            .secretMissing,
            "\(reference.place) is not there, or is empty: it must hold \(what)",
            hint: "Put it there; a file needs mode 0600."
        )
    }
}

extension Response {
    init(status: HTTPResponse.Status = .ok, text: String, type: String = "text/plain; charset=utf-8") {
        self.init(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

extension SecretReference {
    /// Where the secret is, for people.
    fileprivate var place: String {
        switch self {
        case .file(let path): path
        case .env(let name): "the environment variable \(name)"
        }
    }
}
