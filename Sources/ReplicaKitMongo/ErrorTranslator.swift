import ReplicaKit

/// Says failures of one connection in the package's words.
struct ErrorTranslator: Sendable {
    var address: MemberAddress
    var authentication: MemberAuthentication
    var redactor: Redactor

    /// Runs `body`, and translates what it throws.
    func translating<Result>(_ action: String, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let failure as DriverFailure {
            if failure.kind == .interrupted { throw CancellationError() }
            throw error(from: failure, during: action)
        }
    }

    /// The error for a reply that reports one.
    func error(from failure: ServerReply.Failure, during action: String) -> ReplicaKitError {
        let server = redacted(failure.server)
        let action = redactor.redact(action)
        let code: ReplicaKitError.Code
        let message: String
        switch failure {
        case .command:
            code = ServerCode(rawValue: server.code).errorCode
            message = "\(action) failed: \(server.message)"
        case .write(_, let count):
            code = .commandFailed
            message =
                "\(action): \(count == 1 ? "1 document was" : "\(count) documents were") not written: \(server.message)"
        case .writeConcern:
            code = .writeConcernFailed
            message = "\(action) was done but not acknowledged as asked: \(server.message)"
        }
        return ReplicaKitError(code, message, member: address, server: server, hint: Self.hint(for: code))
    }

    /// The error for a failure of the driver.
    func error(from failure: DriverFailure, during action: String) -> ReplicaKitError {
        let answer = failure.reply.flatMap { ServerReply($0).failure }
        // From here on nothing has a text that was not redacted; the reply itself goes no further.
        let failure = DriverFailure(failure.kind, number: failure.number, text: redactor.redact(failure.text))
        let action = redactor.redact(action)
        if let answer, failure.kind == .server || failure.kind == .library {
            return error(from: answer, during: action)
        }
        func made(_ code: ReplicaKitError.Code, _ message: String, hint: String? = nil) -> ReplicaKitError {
            ReplicaKitError(code, message, member: address, hint: hint ?? Self.hint(for: code), cause: failure)
        }
        switch failure.kind {
        case .connectFailed: return connectError(failure)
        case .timedOut: return made(.connectionTimedOut, "\(action): the member did not answer in time")
        case .hostNotFound: return made(.hostNotFound, "the host name \(address.host) has no address: \(failure.text)")
        case .closed: return made(.connectionClosed, "\(action): the member closed the connection")
        case .tlsSettings: return made(.tlsConfiguration, "the TLS files cannot be used: \(failure.text)")
        case .tlsHandshake: return tlsError(failure)
        case .tlsExpected:
            return made(
                .tlsFailed,
                "the member accepts TLS connections only, and no TLS is configured",
                hint: "Give the driver a TLS configuration with the CA that signed the member's certificate."
            )
        case .authentication: return authenticationError(failure, answer: answer)
        case .protocolViolation:
            return made(
                .connectionFailed,
                "\(action): what answers there does not speak MongoDB's protocol",
                hint: "Check the address and port: another service may listen there."
            )
        case .unexpectedReply, .server: return made(.unexpectedReply, "\(action): \(failure.text)")
        case .interrupted, .library: return made(.connectionFailed, "\(action): \(failure.text)")
        }
    }

    private func connectError(_ failure: DriverFailure) -> ReplicaKitError {
        let code: ReplicaKitError.Code
        switch SystemError(failure.number) {
        // A Unix socket that nobody listens at is often a file that is not there.
        case .refused: code = .connectionRefused
        case .missing where address.isUnixSocket: code = .connectionRefused
        case .timedOut: code = .connectionTimedOut
        default: code = .connectionFailed
        }
        return ReplicaKitError(
            code,
            "cannot connect: \(failure.text)",
            member: address,
            hint: Self.hint(for: code),
            cause: failure
        )
    }

    private func tlsError(_ failure: DriverFailure) -> ReplicaKitError {
        let text = failure.text
        if text.contains("certificate verif") || text.contains("OCSP") {
            return ReplicaKitError(
                .certificateUntrusted,
                "the member's certificate is not trusted: \(text)",
                member: address,
                hint: "Check that the CA file is the one that signed it, that it has not expired, and that it names "
                    + "\(address.host)."
            )
        }
        // The number says whether the member answered the handshake at all.
        let isSilent = failure.number == 0
        return ReplicaKitError(
            .tlsFailed,
            isSilent ? "the member closed the connection at the TLS handshake" : "TLS with the member failed: \(text)",
            member: address,
            hint: isSilent
                ? "The member probably runs without TLS: check its net.tls.mode, or leave TLS out."
                : "The member may want a client certificate, or not accept the one it got; its log says which."
        )
    }

    private func authenticationError(_ failure: DriverFailure, answer: ServerReply.Failure?) -> ReplicaKitError {
        let server = answer.map { redacted($0.server) }
        let text = server?.message ?? failure.text
        if let server, ServerCode(rawValue: server.code).errorCode == .connectionClosed {
            return ReplicaKitError(
                .connectionClosed,
                "the member is shutting down",
                member: address,
                server: server,
                hint: Self.hint(for: .connectionClosed)
            )
        }
        let (code, message): (ReplicaKitError.Code, String) =
            switch authentication {
            case .keyFile: (.keyFileMismatch, "the member does not accept the keyfile: \(text)")
            case .password(let credential):
                (
                    .authenticationFailed,
                    "the member does not accept user \(credential.user) of database \(credential.source): \(text)"
                )
            case .certificate: (.authenticationFailed, "the member does not accept the client certificate: \(text)")
            case .none: (.authenticationFailed, "authentication failed: \(text)")
            }
        return ReplicaKitError(
            code,
            message,
            member: address,
            server: server,
            hint: hintForAuthentication,
            cause: failure
        )
    }

    private var hintForAuthentication: String {
        switch authentication {
        case .keyFile:
            "Compare the keyfile with the one that the member was started with (--keyFile)."
        case .certificate:
            "A user named as the certificate's subject must exist in the database $external."
        case .password, .none:
            "Check user, password and the database that the user is defined in (admin unless it was made elsewhere)."
        }
    }

    private func redacted(_ server: ReplicaKitError.ServerError) -> ReplicaKitError.ServerError {
        var server = server
        server.message = redactor.redact(server.message)
        return server
    }

    /// What to do about an error of this kind; `nil` where only the server's own words can tell.
    static func hint(for code: ReplicaKitError.Code) -> String? {
        switch code {
        case .connectionRefused: "Is the member running, and is this its address? Nothing listens there."
        case .connectionTimedOut:
            "The member hangs, is overloaded, or a firewall drops its traffic: look at its process and log."
        case .connectionClosed: "The member stopped or restarted: look at its log, then try again."
        case .connectionFailed: "Check the member's address and this machine's network."
        case .hostNotFound: "Check the spelling of the host name, and the resolver (/etc/hosts, DNS)."
        case .tlsConfiguration: "Check the paths, the PEM format, and the password of the key."
        case .notAuthorized: "Authenticate, or give the user a role that allows this."
        case .authenticationFailed:
            "Check user, password and the database that the user is defined in."
        case .notPrimary: "Ask the primary; rkctl status shows which member that is."
        case .serverTimedOut:
            "The server gave up at its time limit, and the effect may still come about: check before trying again."
        case .writeConcernFailed:
            "The write is on the primary but not on as many members as asked: check the other members with rkctl status."
        default: nil
        }
    }
}
