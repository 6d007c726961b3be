internal import CMongoShim
import ReplicaKit

/// How a call into the shim failed, before it is said in the words of ``ReplicaKit/ReplicaKitError``.
struct DriverFailure: Error, Sendable, Equatable {
    enum Kind: Sendable, Hashable, CaseIterable {
        /// The server answered with an error; the reply has it.
        case server
        /// The line was cut on purpose.
        case interrupted
        case timedOut
        case hostNotFound
        /// Connecting failed; the number is the system's.
        case connectFailed
        case closed
        /// The TLS files are unusable.
        case tlsSettings
        case tlsHandshake
        /// The member speaks TLS only, and no TLS was configured.
        case tlsExpected
        case authentication
        /// What came is not a message of MongoDB's protocol.
        case protocolViolation
        /// A reply has not the form that it must have.
        case unexpectedReply
        /// Anything else that libmongoc reports.
        case library
    }

    var kind: Kind
    /// The system's or libmongoc's number, where there is one.
    var number: Int
    /// In words, from libmongoc or the system: to be redacted before anybody sees it.
    var text: String
    /// The server's answer, when it gave one.
    var reply: BSONDocument?

    init(_ kind: Kind, number: Int = 0, text: String, reply: BSONDocument? = nil) {
        self.kind = kind
        self.number = number
        self.text = text
        self.reply = reply
    }

    init(_ failure: rk_failure, reply: BSONDocument?) {
        let text = withUnsafeBytes(of: failure.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        self.init(Kind(failure.outcome), number: Int(failure.number), text: text, reply: reply)
    }
}

extension DriverFailure.Kind {
    init(_ outcome: rk_outcome) {
        switch outcome {
        case RK_SERVER: self = .server
        case RK_INTERRUPTED: self = .interrupted
        case RK_TIMED_OUT: self = .timedOut
        case RK_NAME_UNKNOWN: self = .hostNotFound
        case RK_CONNECT_FAILED: self = .connectFailed
        case RK_CLOSED: self = .closed
        case RK_TLS_SETTINGS: self = .tlsSettings
        case RK_TLS_HANDSHAKE: self = .tlsHandshake
        case RK_TLS_EXPECTED: self = .tlsExpected
        case RK_AUTHENTICATION: self = .authentication
        case RK_PROTOCOL: self = .protocolViolation
        default: self = .library
        }
    }
}

extension DriverFailure {
    /// Whether nothing can be done with the connection afterwards.
    var endsConnection: Bool {
        switch kind {
        case .unexpectedReply: false
        case .server: answeredCode == .connectionClosed
        default: true
        }
    }

    /// The package's code for the error that the server answered with.
    private var answeredCode: ReplicaKitError.Code? {
        reply.flatMap { ServerReply($0).failure }.map { ServerCode(rawValue: $0.server.code).errorCode }
    }
}
