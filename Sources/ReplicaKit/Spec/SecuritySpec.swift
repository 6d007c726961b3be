/// Users, keyfile and TLS of a set. Secrets are named here, never held.
public struct SecuritySpec: Sendable, Hashable {
    /// The administrator that set-up makes and every command uses.
    public var admin: AdminSpec
    /// The file with the keyfile's content, relative to the spec's file; made with mode 0400 when absent.
    public var keyFile: String
    /// TLS; `nil` is off.
    public var tls: TLSSpec?

    /// Creates settings.
    public init(admin: AdminSpec = AdminSpec(), keyFile: String = "secrets/keyfile", tls: TLSSpec? = nil) {
        self.admin = admin
        self.keyFile = keyFile
        self.tls = tls
    }
}

/// The administrator of a set.
public struct AdminSpec: Sendable, Hashable {
    /// The user's name, in database `admin`.
    public var user: String
    /// Where the password is.
    public var password: SecretReference

    /// Creates settings.
    public init(user: String = "admin", password: SecretReference = .file("secrets/admin-password")) {
        self.user = user
        self.password = password
    }
}

/// Where a secret is kept.
public enum SecretReference: Sendable, Hashable {
    /// In a file of mode 0600 or stricter, relative to the spec's file; one final line end is not part of it.
    case file(String)
    /// In an environment variable of the process that runs the library.
    case env(String)
}

/// TLS between clients and members, and among members.
public struct TLSSpec: Sendable, Hashable {
    /// The CA's certificate, PEM.
    public var caFile: String
    /// The members' certificate and key in one PEM file; needed where this library starts them.
    public var certificateKeyFile: String?
    /// The client's certificate and key in one PEM file; `nil` connects without.
    public var clientCertificateKeyFile: String?

    /// Creates settings.
    public init(caFile: String, certificateKeyFile: String? = nil, clientCertificateKeyFile: String? = nil) {
        self.caFile = caFile
        self.certificateKeyFile = certificateKeyFile
        self.clientCertificateKeyFile = clientCertificateKeyFile
    }
}

extension SecuritySpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case admin, keyFile, tls
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        admin = try values.decode(.admin, default: plain.admin)
        keyFile = try values.decode(.keyFile, default: plain.keyFile)
        tls = try values.decodeIfPresent(TLSSpec.self, forKey: .tls)
    }
}

extension AdminSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case user, password
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        user = try values.decode(.user, default: plain.user)
        password = try values.decode(.password, default: plain.password)
    }
}

extension SecretReference: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case file, env
    }

    /// Decodes `{file: PATH}` or `{env: NAME}`: exactly one of them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        guard values.allKeys.count == 1, let key = values.allKeys.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "a secret is given as {file: PATH} or {env: NAME}, never as text"
                )
            )
        }
        let text = try values.decode(String.self, forKey: key)
        self = key == .file ? .file(text) : .env(text)
    }

    /// Encodes the form that decodes.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .file(let path): try values.encode(path, forKey: .file)
        case .env(let name): try values.encode(name, forKey: .env)
        }
    }
}

extension TLSSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case caFile, certificateKeyFile, clientCertificateKeyFile
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        caFile = try values.decode(String.self, forKey: .caFile)
        certificateKeyFile = try values.decodeIfPresent(String.self, forKey: .certificateKeyFile)
        clientCertificateKeyFile = try values.decodeIfPresent(String.self, forKey: .clientCertificateKeyFile)
    }
}
