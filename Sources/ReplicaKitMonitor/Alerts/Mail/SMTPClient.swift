import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import ReplicaKit

/// Hands one message to a mail server (RFC 5321), over TLS by STARTTLS (RFC 3207) or from the first byte on.
struct SMTPClient: Sendable {
    var host: String
    var port: Int
    var encryption: AlertReceiver.Email.Encryption
    /// The certificates that the server's must be signed by; `nil` trusts those of the system.
    var caFile: String?
    var user: String?
    var password: Secret?
    /// How long connecting may take. The limit of all is the caller's.
    var timeout: Duration

    /// What became of a message.
    struct Receipt: Sendable {
        /// What the server said when it took the message.
        var answer: String
        /// The recipients that it refused, and its words.
        var refused: [String] = []
    }

    /// Hands a message over.
    ///
    /// - Throws: ``DeliveryFailure`` when the server takes it for nobody.
    func deliver(_ message: MailMessage) async throws -> Receipt {
        var receipt: Receipt?
        do {
            let tls = try tlsContext()
            let host = host
            let isImplicit = encryption == .implicit
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.nanoseconds(Int64(timeout.seconds * 1e9)))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if isImplicit, let tls { try Self.encrypt(channel, tls, host) }
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await channel.executeThenClose { inbound, outbound in
                var dialogue = SMTPDialogue(
                    incoming: inbound.makeAsyncIterator(),
                    outgoing: outbound,
                    redactor: Redactor(
                        password.map { [$0, Secret(Data($0.reveal().utf8).base64EncodedString())] } ?? []
                    )
                )
                try await greet(&dialogue)
                if encryption == .startTLS, let tls {
                    try await startTLS(&dialogue, channel.channel, tls)
                }
                try await logIn(&dialogue)
                receipt = try await hand(message, to: &dialogue)
                // It has the message; how it says goodbye changes nothing.
                _ = try? await dialogue.say("QUIT")
            }
        } catch let failure as DeliveryFailure {
            throw failure
        } catch {
            // What was taken is taken, however the connection ended.
            if receipt == nil {
                try Task.checkCancellation()
                throw Self.failure(error)
            }
        }
        guard let receipt else { throw DeliveryFailure(message: "the connection was closed") }
        return receipt
    }

    // MARK: - The dialogue

    private func greet(_ dialogue: inout SMTPDialogue) async throws {
        try dialogue.expect(try await dialogue.reply(), 220, "its greeting")
        try await hello(&dialogue)
    }

    private func hello(_ dialogue: inout SMTPDialogue) async throws {
        let reply = try await dialogue.say("EHLO \(Self.ownName)")
        try dialogue.expect(reply, 250, "EHLO")
        dialogue.abilities = reply.lines.dropFirst().map { $0.uppercased() }
    }

    private func startTLS(_ dialogue: inout SMTPDialogue, _ channel: any Channel, _ tls: NIOSSLContext) async throws {
        guard dialogue.abilities.contains("STARTTLS") else {
            throw DeliveryFailure(message: "it offers no STARTTLS, and nothing is sent without", isPermanent: true)
        }
        try dialogue.expect(try await dialogue.say("STARTTLS"), 220, "STARTTLS")
        // Whatever came with the reply was not encrypted, and nobody knows who put it there.
        guard dialogue.isEmpty else { throw DeliveryFailure(message: "it went on in the clear after STARTTLS") }
        let host = host
        try await channel.eventLoop.submit { try Self.encrypt(channel, tls, host) }.get()
        // What it said before is forgotten: only now it is certain who says it.
        try await hello(&dialogue)
    }

    private func logIn(_ dialogue: inout SMTPDialogue) async throws {
        guard let user, let password else { return }
        // The spec allows no other, but this is where it counts.
        guard encryption != .none else {
            throw DeliveryFailure(message: "a password is not sent without encryption", isPermanent: true)
        }
        func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        let mechanisms = dialogue.abilities.filter { $0.hasPrefix("AUTH ") || $0.hasPrefix("AUTH=") }
            .flatMap { $0.dropFirst(5).split(separator: " ") }
        if mechanisms.contains("PLAIN") {
            let reply = try await dialogue.say("AUTH PLAIN \(base64("\u{0}\(user)\u{0}\(password.reveal())"))")
            try dialogue.expect(reply, 235, "the login of \(user)")
        } else if mechanisms.contains("LOGIN") {
            try dialogue.expect(try await dialogue.say("AUTH LOGIN"), 334, "AUTH LOGIN")
            try dialogue.expect(try await dialogue.say(base64(user)), 334, "the user \(user)")
            let reply = try await dialogue.say(base64(password.reveal()))
            try dialogue.expect(reply, 235, "the login of \(user)")
        } else {
            throw DeliveryFailure(message: "it offers neither AUTH PLAIN nor AUTH LOGIN", isPermanent: true)
        }
    }

    private func hand(_ message: MailMessage, to dialogue: inout SMTPDialogue) async throws -> Receipt {
        try dialogue.expect(try await dialogue.say("MAIL FROM:<\(message.from)>"), 250, "the sender \(message.from)")
        var refusals: [(recipient: String, reply: SMTPReply)] = []
        for recipient in message.to {
            let reply = try await dialogue.say("RCPT TO:<\(recipient)>")
            if ![250, 251].contains(reply.code) { refusals.append((recipient, reply)) }
        }
        if let first = refusals.first, refusals.count == message.to.count {
            try dialogue.expect(first.reply, 250, "the recipient \(first.recipient)")
        }
        try dialogue.expect(try await dialogue.say("DATA"), 354, "DATA")
        let reply = try await dialogue.say(message.dotStuffed)
        try dialogue.expect(reply, 250, "the message")
        return Receipt(
            answer: dialogue.shown(reply),
            refused: refusals.map { "\($0.recipient): \(dialogue.shown($0.reply))" }
        )
    }

    // MARK: - TLS

    private func tlsContext() throws -> NIOSSLContext? {
        guard encryption != .none else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let caFile { configuration.trustRoots = .file(caFile) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw DeliveryFailure(
                message: "the certificates of \(caFile ?? "the system") cannot be used: \(error)",
                isPermanent: true
            )
        }
    }

    /// Puts TLS between the socket and all else. The name of the server is checked, or its address where it has none.
    private static func encrypt(_ channel: any Channel, _ tls: NIOSSLContext, _ host: String) throws {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }

    private static func failure(_ error: any Error) -> DeliveryFailure {
        switch error {
        case let error as NIOConnectionError:
            DeliveryFailure(
                message: "no connection to \(error.host):\(error.port): "
                    + (error.connectionErrors.first.map { DeliveryFailure.words($0.error) } ?? "its name has no address")
            )
        case let error as NIOSSLError: DeliveryFailure(message: "TLS failed: \(error)")
        case let error as NIOSSLExtraError: DeliveryFailure(message: "TLS failed: \(error)")
        default: DeliveryFailure(message: DeliveryFailure.words(error))
        }
    }

    /// What this machine calls itself, or what stands for that where it is no name that a mail server takes.
    private static let ownName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isName = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || ".-".utf8.contains(byte)
        }
        return text.isEmpty || !isName ? "localhost" : text
    }()
}

/// What is said and answered on one connection.
struct SMTPDialogue {
    var incoming: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outgoing: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let redactor: Redactor
    /// What the server can do, as its answer to EHLO has it, in upper case.
    var abilities: [String] = []
    private var received = ByteBuffer()

    init(
        incoming: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outgoing: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        redactor: Redactor
    ) {
        (self.incoming, self.outgoing, self.redactor) = (incoming, outgoing, redactor)
    }

    /// Whether nothing was received beyond the last reply.
    var isEmpty: Bool { received.readableBytes == 0 }

    /// Says a line, and waits for the reply.
    mutating func say(_ line: String) async throws -> SMTPReply {
        do {
            try await outgoing.write(ByteBuffer(string: line + "\r\n"))
        } catch {
            // That the connection is closed is known to both ways; why, such as a bad certificate, only to this one.
            while try await incoming.next(isolation: #isolation) != nil {}
            throw error
        }
        return try await reply()
    }

    /// Waits for a reply.
    mutating func reply() async throws -> SMTPReply {
        while true {
            if let reply = try SMTPReply.take(from: &received) { return reply }
            guard let part = try await incoming.next(isolation: #isolation) else {
                throw DeliveryFailure(message: "it closed the connection")
            }
            received.writeImmutableBuffer(part)
            received.discardReadBytes()
        }
    }

    /// - Throws: ``DeliveryFailure`` for another code, for good where the server says so (5xx).
    func expect(_ reply: SMTPReply, _ code: Int, _ what: String) throws {
        guard reply.code != code else { return }
        throw DeliveryFailure(
            message: "it refused \(what): \(shown(reply))",
            isPermanent: reply.code >= 500
        )
    }

    /// A reply for people.
    func shown(_ reply: SMTPReply) -> String {
        let visible = redactor.redact(reply.text).unicodeScalars.filter { !CharacterSet.controlCharacters.contains($0) }
        return "\(reply.code) \(String(String.UnicodeScalarView(visible)).cut(to: 200))"
    }
}
