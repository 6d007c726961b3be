/// What a client connects for; each purpose has its read preference in the spec.
public enum ConnectionPurpose: String, Sendable, Hashable, Codable, CaseIterable {
    /// The application.
    case application
    /// Transactions, which run on the primary.
    case transactions
    /// Reports.
    case analytics
}

extension ReplicaSetSpec {
    /// The connection string of a purpose, with the administrator as its user and without a password.
    ///
    /// It names the members that clients may read from: hidden members and arbiters are left out. A shell asks for
    /// the password; a program puts it there itself, percent-encoded.
    ///
    /// - Parameters:
    ///   - purpose: What the client does.
    ///   - baseDirectory: The directory of the spec's file, which its paths of TLS files are relative to.
    public func connectionString(for purpose: ConnectionPurpose, baseDirectory: String) -> String {
        let files = SecretStore(baseDirectory: baseDirectory)
        let visible = members.filter { !$0.hidden && !$0.arbiter }
        let seeds = (visible.isEmpty ? members : visible).map { member in
            member.host.isUnixSocket ? Self.percentEncoded(member.host.host) : member.host.description
        }
        let preference =
            switch purpose {
            case .application: readPreference.application
            case .transactions: readPreference.transactions
            case .analytics: readPreference.analytics
            }
        var options = [
            ("replicaSet", name.rawValue), ("authSource", "admin"), ("readPreference", preference.rawValue),
        ]
        if let tls = security.tls {
            options.append(("tls", "true"))
            options.append(("tlsCAFile", files.resolve(tls.caFile)))
            if let file = tls.clientCertificateKeyFile {
                options.append(("tlsCertificateKeyFile", files.resolve(file)))
            }
        }
        let query = options.map { "\($0)=\(Self.percentEncoded($1))" }.joined(separator: "&")
        return "mongodb://\(Self.percentEncoded(security.admin.user))@\(seeds.joined(separator: ","))/?\(query)"
    }

    /// Every byte that is not unreserved in RFC 3986, section 2.3, as `%XX`.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(UnicodeScalar(byte))
            default:
                result += "%"
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
    }
}
