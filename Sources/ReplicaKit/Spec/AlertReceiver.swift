/// Who receives alerts. Its secrets are named, never held.
public enum AlertReceiver: Sendable, Hashable {
    /// Any program that takes JSON over HTTP in the shape of Alertmanager's webhooks, version 4.
    case webhook(Webhook)
    /// An incoming webhook of Slack, or of what speaks like it, such as Mattermost.
    case slack(Slack)
    /// A service of PagerDuty, by its Events API version 2.
    case pagerDuty(PagerDuty)
    /// E-mail over SMTP.
    case email(Email)
    /// A program: its name or path, and its arguments. It gets the alerts as JSON on its standard input.
    case command([String])

    /// The kinds of receivers, as the spec names them.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// ``AlertReceiver/webhook(_:)``
        case webhook
        /// ``AlertReceiver/slack(_:)``
        case slack
        /// ``AlertReceiver/pagerDuty(_:)``
        case pagerDuty
        /// ``AlertReceiver/email(_:)``
        case email
        /// ``AlertReceiver/command(_:)``
        case command
    }

    /// Its kind.
    public var kind: Kind {
        switch self {
        case .webhook: .webhook
        case .slack: .slack
        case .pagerDuty: .pagerDuty
        case .email: .email
        case .command: .command
        }
    }

    /// Where a webhook is. The whole URL is a secret.
    public struct Webhook: Sendable, Hashable {
        /// The URL.
        public var url: SecretReference
        /// The value of the header `Authorization`.
        public var authorization: SecretReference?

        /// Creates a receiver.
        public init(url: SecretReference, authorization: SecretReference? = nil) {
            self.url = url
            self.authorization = authorization
        }
    }

    /// Where Slack's incoming webhook is. The whole URL is a secret.
    public struct Slack: Sendable, Hashable {
        /// The URL.
        public var url: SecretReference

        /// Creates a receiver.
        public init(url: SecretReference) { self.url = url }
    }

    /// A service of PagerDuty.
    public struct PagerDuty: Sendable, Hashable {
        /// The integration key of the service.
        public var routingKey: SecretReference
        /// Where the Events API is.
        public var url: String

        /// Where the Events API is unless the account is in Europe (`https://events.eu.pagerduty.com`).
        public static let usualURL = "https://events.pagerduty.com"

        /// Creates a receiver.
        public init(routingKey: SecretReference, url: String = usualURL) {
            self.routingKey = routingKey
            self.url = url
        }
    }

    /// E-mail over SMTP.
    public struct Email: Sendable, Hashable {
        /// The server: `host`, `host:port` or `[IPv6]:port`; without a port the usual one of ``encryption``.
        public var smtp: String
        /// The sender's address.
        public var from: String
        /// The recipients' addresses.
        public var to: [String]
        /// How the connection is encrypted.
        public var encryption: Encryption
        /// Who logs in; `nil` sends without.
        public var user: String?
        /// The user's password.
        public var password: SecretReference?
        /// The certificates that the server's must be signed by, PEM; `nil` trusts those of the system.
        public var caFile: String?

        /// How a connection to a mail server is encrypted.
        public enum Encryption: String, Sendable, Hashable, CaseIterable {
            /// It must be, by STARTTLS, before anything else is said. Port 587.
            case startTLS
            /// It is from the first byte on. Port 465.
            case implicit
            /// It is not. Port 25. A password is never sent that way.
            case none
        }

        /// Creates a receiver.
        public init(
            smtp: String,
            from: String,
            to: [String],
            encryption: Encryption = .startTLS,
            user: String? = nil,
            password: SecretReference? = nil,
            caFile: String? = nil
        ) {
            self.smtp = smtp
            self.from = from
            self.to = to
            self.encryption = encryption
            self.user = user
            self.password = password
            self.caFile = caFile
        }

        /// The host and the port of the server; `nil` when ``smtp`` is neither.
        public var server: (host: String, port: Int)? {
            let usualPort =
                switch encryption {
                case .startTLS: 587
                case .implicit: 465
                case .none: 25
                }
            let isBracketed = smtp.hasPrefix("[")
            let end = isBracketed ? smtp.firstIndex(of: "]").map(smtp.index(after:)) : smtp.firstIndex(of: ":")
            let host = String(smtp[..<(end ?? smtp.endIndex)])
            let name = isBracketed ? String(host.dropFirst().dropLast()) : host
            let isLegal = name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || ".-_".utf8.contains(byte) || (isBracketed && byte == UInt8(ascii: ":"))
            }
            guard !name.isEmpty, isLegal, !isBracketed || end != nil else { return nil }
            guard let end, end < smtp.endIndex else { return (name, usualPort) }
            let rest = smtp[end...]
            guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65_535).contains(port) else { return nil }
            return (name, port)
        }
    }

    /// The secrets that it names.
    public var secrets: [SecretReference] {
        switch self {
        case .webhook(let webhook): [webhook.url] + (webhook.authorization.map { [$0] } ?? [])
        case .slack(let slack): [slack.url]
        case .pagerDuty(let pagerDuty): [pagerDuty.routingKey]
        case .email(let email): email.password.map { [$0] } ?? []
        case .command: []
        }
    }
}

extension AlertReceiver.Webhook: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case url, authorization
    }

    /// Decodes a receiver, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        url = try values.decode(SecretReference.self, forKey: .url)
        authorization = try values.decodeIfPresent(SecretReference.self, forKey: .authorization)
    }
}

extension AlertReceiver.Slack: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case url
    }

    /// Decodes a receiver, strictly.
    public init(from decoder: any Decoder) throws {
        url = try decoder.strictContainer(CodingKeys.self).decode(SecretReference.self, forKey: .url)
    }
}

extension AlertReceiver.PagerDuty: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case routingKey, url
    }

    /// Decodes a receiver, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        routingKey = try values.decode(SecretReference.self, forKey: .routingKey)
        url = try values.decode(.url, default: Self.usualURL)
    }
}

extension AlertReceiver.Email: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case smtp, from, to, encryption, user, password, caFile
    }

    /// Decodes a receiver, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        smtp = try values.decode(String.self, forKey: .smtp)
        from = try values.decode(String.self, forKey: .from)
        to = try values.decode([String].self, forKey: .to)
        encryption = try values.decode(.encryption, default: .startTLS)
        user = try values.decodeIfPresent(String.self, forKey: .user)
        password = try values.decodeIfPresent(SecretReference.self, forKey: .password)
        caFile = try values.decodeIfPresent(String.self, forKey: .caFile)
    }
}

extension AlertReceiver.Email.Encryption: Codable {
    /// Decodes its name.
    public init(from decoder: any Decoder) throws { self = try decoder.name(of: "encryption") }
}
