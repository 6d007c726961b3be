public import ReplicaKit

/// Where a Docker engine listens.
public enum DockerEndpoint: Sendable, Hashable {
    /// A Unix socket, by its path.
    case unix(String)
    /// A port; encrypted where there are files for it.
    case tcp(host: String, port: Int, tls: DockerTLS?)
    /// Another machine's own socket, by way of `ssh` and the `docker` command there.
    case ssh(SSHTarget)

    /// Reads what `DOCKER_HOST` or a context has.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument``.
    public init(_ text: String, tls: DockerTLS? = nil) throws(ReplicaKitError) {
        func refuse(_ why: String, hint: String) -> ReplicaKitError {
            ReplicaKitError(.invalidArgument, "\"\(text)\" is no usable Docker endpoint: \(why)", hint: hint)
        }
        let usual = "Write unix:///var/run/docker.sock, tcp://HOST:PORT or ssh://USER@HOST."
        if let path = text.rest(after: "unix://") {
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else {
                throw refuse("a Unix socket has an absolute path of at most 107 bytes", hint: usual)
            }
            self = .unix(path)
        } else if let rest = text.rest(after: "ssh://") {
            self = .ssh(try SSHTarget(rest))
        } else if let rest = text.rest(after: "tcp://") ?? text.rest(after: "http://") ?? text.rest(after: "https://") {
            let isEncrypted = tls != nil || text.hasPrefix("https://")
            guard let address = try? MemberAddress(rest.hasSuffix("/") ? String(rest.dropLast()) : rest),
                !address.isUnixSocket
            else { throw refuse("HOST:PORT is expected after the scheme", hint: usual) }
            let hasPort = rest.split(separator: "]").last?.contains(":") == true
            let port = hasPort ? address.port : isEncrypted ? 2376 : 2375
            self = .tcp(host: address.host, port: port, tls: isEncrypted ? tls ?? DockerTLS() : nil)
        } else {
            throw refuse("its scheme is unknown", hint: usual)
        }
    }
}

extension DockerEndpoint: CustomStringConvertible {
    /// As it would be written.
    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port, _): "tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .ssh(let target): target.description
        }
    }
}

/// The files of an encrypted connection to an engine, in PEM.
public struct DockerTLS: Sendable, Hashable {
    /// The CA that signed the engine's certificate; `nil` is the system's.
    public var caFile: String?
    /// The client's certificate.
    public var certificateFile: String?
    /// The key of the client's certificate.
    public var keyFile: String?
    /// Whether the engine's certificate is checked.
    public var isVerified: Bool

    /// Creates a description.
    public init(
        caFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        isVerified: Bool = true
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.isVerified = isVerified
    }
}

extension String {
    func rest(after prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }

    /// For one part of a path, or a value of a query: everything but letters, digits and `-._~` is escaped.
    var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}
