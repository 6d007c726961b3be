internal import CMongoShim
import ReplicaKit

/// Everything a client is made from: whom to reach, and as whom.
struct ClientSettings: Sendable {
    var address: MemberAddress
    var user: String?
    var password: Secret?
    var source: String?
    var mechanism: String?
    var tls: TLSConfiguration?
    var application: String

    /// The user that members of a set are to each other; its password is the keyfile's text without white space.
    static let internalUser = "__system"

    init(
        address: MemberAddress,
        authentication: MemberAuthentication,
        tls: TLSConfiguration?,
        application: String
    ) throws(ReplicaKitError) {
        self.address = address
        self.tls = tls
        self.application = Self.shortened(application)
        switch authentication {
        case .none:
            break
        case .password(let credential):
            user = credential.user
            password = credential.password
            source = credential.source
        case .certificate:
            guard tls?.clientCertificateKeyFile != nil else {
                throw ReplicaKitError(
                    .tlsConfiguration,
                    "authentication by certificate needs a client certificate, and none was given",
                    member: address,
                    hint: "Give the TLS configuration a clientCertificateKeyFile."
                )
            }
            mechanism = "MONGODB-X509"
        case .keyFile(let secret):
            user = Self.internalUser
            password = Secret(secret.reveal().filter { !$0.isWhitespace })
            source = "local"
        }
        try check()
    }

    private func check() throws(ReplicaKitError) {
        func refuse(_ what: String) -> ReplicaKitError {
            ReplicaKitError(.invalidArgument, "\(what), which no user can have", member: address)
        }
        if let user, user.isEmpty { throw refuse("the user's name is empty") }
        if let user, user.utf8.contains(0) { throw refuse("the user's name contains a NUL") }
        if let source, source.utf8.contains(0) { throw refuse("the name of the user's database contains a NUL") }
        guard let password else { return }
        if password.isEmpty { throw refuse("the password is empty") }
        if password.reveal().utf8.contains(0) { throw refuse("the password contains a NUL") }
    }

    /// The first 128 bytes, which is what servers take.
    private static func shortened(_ name: String) -> String {
        var name = name
        while name.utf8.count > 128 { name.removeLast() }
        return name
    }

    /// What must never be seen in a text.
    var secrets: [Secret] {
        [password, tls?.clientCertificatePassword].compactMap(\.self)
    }

    /// Lends the settings in the shim's form; the pointers are good for the length of the call.
    func withShimSettings<Result>(_ body: (rk_settings) -> Result) -> Result {
        let texts = [
            address.host, user, password?.reveal(), source, mechanism, application, tls?.caFile,
            tls?.clientCertificateKeyFile, tls?.clientCertificatePassword?.reveal(),
        ]
        return withCStrings(texts[...]) { pointers in
            body(
                rk_settings(
                    host: pointers[0],
                    port: UInt16(clamping: address.port),
                    user: pointers[1],
                    password: pointers[2],
                    source: pointers[3],
                    mechanism: pointers[4],
                    application: pointers[5],
                    tls: tls != nil,
                    ca_file: pointers[6],
                    certificate_key_file: pointers[7],
                    certificate_password: pointers[8]
                )
            )
        }
    }
}

/// Lends strings as C strings, `nil` as a null pointer.
private func withCStrings<Result>(
    _ texts: ArraySlice<String?>,
    _ done: [UnsafePointer<CChar>?] = [],
    _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
    guard let text = texts.first else { return body(done) }
    guard let text else { return withCStrings(texts.dropFirst(), done + [nil], body) }
    return text.withCString { withCStrings(texts.dropFirst(), done + [$0], body) }
}
