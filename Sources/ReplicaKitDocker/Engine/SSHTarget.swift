import ReplicaKit

/// A machine whose engine is reached through `ssh`, as `ssh://[USER@]HOST[:PORT]` names it.
public struct SSHTarget: Sendable, Hashable, CustomStringConvertible {
    /// Who to log in as; `nil` leaves it to ssh and its config.
    public let user: String?
    /// A host name, an address, or an alias of ssh's config.
    public let host: String
    /// The port of the SSH server; `nil` leaves it to ssh and its config.
    public let port: Int?
    /// The program that is run, by its name or path.
    public var program = "ssh"

    /// Reads what comes after `ssh://`.
    ///
    /// Only plain characters are let through, and nothing that could be taken for an option: what is read here becomes
    /// arguments of a program.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument``.
    init(_ text: String) throws(ReplicaKitError) {
        func refuse(_ why: String) -> ReplicaKitError {
            ReplicaKitError(
                .invalidArgument,
                "\"ssh://\(text)\" is no usable Docker endpoint: \(why)",
                hint: "Write ssh://USER@HOST or ssh://USER@HOST:PORT; all else belongs into ~/.ssh/config."
            )
        }
        var rest = text.hasSuffix("/") ? text.dropLast() : text[...]
        guard !rest.contains("/") else { throw refuse("a path is not supported") }
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            let name = rest[..<at]
            guard !name.contains(":") else { throw refuse("a password does not belong there; use a key") }
            guard Self.isPlain(name, and: "._-") else {
                throw refuse("the user's name has characters that are not allowed")
            }
            user = String(name)
            rest = rest[rest.index(after: at)...]
        }
        var port: Int?
        let isBracketed = rest.hasPrefix("[")
        if let colon = rest.lastIndex(of: ":"), !isBracketed || rest[..<colon].hasSuffix("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65535).contains(number) else {
                throw refuse("the port is none")
            }
            port = number
            rest = rest[..<colon]
        }
        if isBracketed {
            guard rest.hasSuffix("]") else { throw refuse("the bracket is not closed") }
            rest = rest.dropFirst().dropLast()
        }
        let isAddress = !rest.isEmpty && rest.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        guard isBracketed ? isAddress : Self.isPlain(rest, and: "._-") else {
            throw refuse("the host has characters that are not allowed")
        }
        (self.user, host, self.port) = (user, String(rest), port)
    }

    private static func isPlain(_ text: Substring, and others: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter || first.isNumber || first == "_" else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || others.contains($0)) }
    }

    /// The program's arguments: no question is ever asked, no shared connection is left behind, a dead peer is noticed.
    var arguments: [String] {
        var arguments = ["-T"]
        for option in [
            "BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=10", "ControlMaster=no", "LogLevel=ERROR",
        ] {
            arguments += ["-o", option]
        }
        if let port { arguments += ["-p", String(port)] }
        if let user { arguments += ["-l", user] }
        return arguments + ["--", host, "docker", "system", "dial-stdio"]
    }

    /// As it would be written.
    public var description: String {
        "ssh://\(user.map { $0 + "@" } ?? "")\(host.contains(":") ? "[\(host)]" : host)\(port.map { ":\($0)" } ?? "")"
    }
}
