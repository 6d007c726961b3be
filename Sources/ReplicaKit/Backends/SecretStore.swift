#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds the secrets that a spec names, and makes those that set-up may make.
///
/// A file with a secret is refused when its group or others could read it. What is made is random, complete before
/// its name appears, and never replaced: of two callers at once both get the secret of the one that was first.
public struct SecretStore: Sendable, Hashable {
    /// What relative paths are relative to: the directory of the spec's file.
    public let baseDirectory: String

    /// Creates a store.
    public init(baseDirectory: String) {
        self.baseDirectory = baseDirectory
    }

    /// Reads a secret. One final line end of a file is not part of it.
    ///
    /// - Throws: ``ReplicaKitError/Code/secretMissing`` when it is not there or is empty,
    ///   ``ReplicaKitError/Code/fileTooOpen`` when others can read it, ``ReplicaKitError/Code/fileUnreadable``.
    public func read(_ reference: SecretReference) throws(ReplicaKitError) -> Secret {
        switch reference {
        case .file(let path):
            let file = file(path)
            guard let text = try file.content() else { throw missing(file) }
            return try checked(Self.withoutFinalLineEnd(text), from: file.path)
        case .env(let name):
            guard let value = getenv(name) else {
                throw ReplicaKitError(
                    .secretMissing,
                    "the environment variable \(name), which the spec names, is not set",
                    hint: "Set \(name) for this command, or name a file in the spec: {file: PATH}."
                )
            }
            return try checked(String(cString: value), from: "the environment variable \(name)")
        }
    }

    /// Reads a password, or makes a random one of 40 letters and digits in a file of mode 0600.
    ///
    /// Only set-up calls this: everything else reads. A password in an environment variable is never made.
    public func readOrCreatePassword(_ reference: SecretReference) throws(ReplicaKitError) -> Secret {
        guard case .file(let path) = reference else { return try read(reference) }
        let file = file(path)
        if try file.content() == nil {
            _ = try file.create(Self.random(40, of: Self.letters + Self.digits) + "\n", mode: 0o600)
        }
        return try read(reference)
    }

    /// Reads a keyfile: one key, without its white space.
    ///
    /// - Throws: Besides what ``read(_:)`` throws, ``ReplicaKitError/Code/fileUnreadable`` for a content that servers
    ///   would refuse.
    public func readKeyFile(_ path: String) throws(ReplicaKitError) -> Secret {
        let file = file(path)
        guard let text = try file.content() else { throw missing(file) }
        let key = text.filter { !$0.isWhitespace }
        func refuse(_ why: String) -> ReplicaKitError {
            ReplicaKitError(
                .fileUnreadable,
                "\(file.path) is not a keyfile: \(why)",
                hint: "A keyfile holds 6 to 1024 base64 characters, as `openssl rand -base64 756` prints them."
            )
        }
        guard !key.hasPrefix("-") else { throw refuse("it holds a list of keys, and only one is supported") }
        guard key.utf8.allSatisfy(Self.isBase64) else { throw refuse("it has a character that base64 has not") }
        guard (6...1024).contains(key.utf8.count) else { throw refuse("it has \(key.utf8.count) characters") }
        return Secret(key)
    }

    /// Reads a keyfile, or makes one of mode 0400 with 756 random base64 characters.
    public func readOrCreateKeyFile(_ path: String) throws(ReplicaKitError) -> Secret {
        let file = file(path)
        if try file.content() == nil {
            _ = try file.create(Self.random(756, of: Self.letters + Self.digits + "+/") + "\n", mode: 0o400)
        }
        return try readKeyFile(path)
    }

    /// Keeps a keyfile that was found elsewhere, in a file of mode 0400, unless it is there already.
    ///
    /// - Throws: ``ReplicaKitError/Code/refused`` when there is another keyfile, which stays;
    ///   ``ReplicaKitError/Code/fileUnwritable``; and what ``readKeyFile(_:)`` throws.
    public func keepKeyFile(_ keyFile: Secret, at path: String) throws(ReplicaKitError) {
        let file = file(path)
        if try file.content() == nil, try file.create(keyFile.reveal() + "\n", mode: 0o400) { return }
        guard try readKeyFile(path) == keyFile else { throw isAnother(file) }
    }

    /// Puts a secret into a file of mode 0400, unless it is there already.
    ///
    /// - Parameters:
    ///   - secret: The whole content.
    ///   - path: The file.
    ///   - owner: Whose it is, which only root can say; `nil` is this process's user.
    /// - Throws: ``ReplicaKitError/Code/refused`` when the file is there with another content, which stays;
    ///   ``ReplicaKitError/Code/fileUnwritable``; and what ``read(_:)`` throws.
    package func put(
        _ secret: Secret,
        at path: String,
        owner: (user: Int, group: Int)? = nil
    ) throws(ReplicaKitError) {
        let file = file(path)
        if try file.content() == nil, try file.create(secret.reveal(), mode: 0o400, owner: owner) { return }
        guard try file.content() == secret.reveal() else { throw isAnother(file) }
        if let owner { try file.give(to: owner) }
    }

    private func isAnother(_ file: SecretFile) -> ReplicaKitError {
        ReplicaKitError(
            .refused,
            "\(file.path) is there with another content",
            hint: "Look whose it is; remove it when nothing needs it any more."
        )
    }

    /// A path of the spec, as it is from the working directory.
    public func resolve(_ path: String) -> String {
        path.hasPrefix("/") || baseDirectory.isEmpty ? path : "\(baseDirectory)/\(path)"
    }

    private func file(_ path: String) -> SecretFile { SecretFile(path: resolve(path)) }

    private func missing(_ file: SecretFile) -> ReplicaKitError {
        ReplicaKitError(
            .secretMissing,
            "\(file.path), which the spec names, does not exist",
            hint: "Run `rkctl up`, which makes what is missing, or put the secret there with mode 0600."
        )
    }

    private func checked(_ text: String, from source: String) throws(ReplicaKitError) -> Secret {
        guard !text.isEmpty else {
            throw ReplicaKitError(.secretMissing, "\(source) is empty", hint: "Put the secret there.")
        }
        guard !text.utf8.contains(0) else {
            throw ReplicaKitError(.fileUnreadable, "\(source) has a NUL character, which no password can have")
        }
        return Secret(text)
    }
}

extension SecretStore {
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let digits = "0123456789"

    private static func random(_ count: Int, of alphabet: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(alphabet)
        return String((0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        default: false
        }
    }

    private static func withoutFinalLineEnd(_ text: String) -> String {
        // "\r\n" is one Character.
        guard let last = text.last, last == "\n" || last == "\r\n" else { return text }
        return String(text.dropLast())
    }
}
