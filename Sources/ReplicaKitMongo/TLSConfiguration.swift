public import ReplicaKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files with which connections are encrypted, all in PEM format.
///
/// The member's certificate must be signed by the CA and name the host that is connected to; there is no way to leave
/// that check out.
public struct TLSConfiguration: Sendable, Hashable {
    /// The certificate of the CA that signed the members' certificates.
    public let caFile: String
    /// A client certificate with its private key in one file, where members want one (`--tlsCAFile`).
    public let clientCertificateKeyFile: String?
    /// The password of that private key, when it is encrypted.
    public let clientCertificatePassword: Secret?

    /// Creates a configuration after looking at its files.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError`` with ``ReplicaKit/ReplicaKitError/Code/tlsConfiguration`` for a path
    ///   that is not absolute, or a file that is missing or cannot be read. Whether the content is usable shows with
    ///   the first connection.
    public init(
        caFile: String,
        clientCertificateKeyFile: String? = nil,
        clientCertificatePassword: Secret? = nil
    ) throws(ReplicaKitError) {
        try Self.check(caFile, "CA file")
        if let clientCertificateKeyFile { try Self.check(clientCertificateKeyFile, "client certificate") }
        self.caFile = caFile
        self.clientCertificateKeyFile = clientCertificateKeyFile
        self.clientCertificatePassword = clientCertificatePassword
    }

    private static func check(_ path: String, _ what: String) throws(ReplicaKitError) {
        func refuse(_ why: String) -> ReplicaKitError {
            ReplicaKitError(
                .tlsConfiguration,
                "the \(what) \"\(path)\" \(why)",
                hint: "Give the absolute path of a PEM file that this user can read."
            )
        }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw refuse("is not an absolute path") }
        var status = stat()
        guard stat(path, &status) == 0 else { throw refuse("cannot be found: \(String(cString: strerror(errno)))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refuse("is not a file") }
        guard access(path, R_OK) == 0 else { throw refuse("cannot be read: \(String(cString: strerror(errno)))") }
    }
}
