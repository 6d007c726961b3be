import ReplicaKit

/// The text that `spec init` writes: a spec with every usual key, and what each is for.
struct SpecTemplate {
    /// The set's name.
    var name: String
    /// The members and where they listen.
    var members: [(name: String, host: MemberAddress)]
    /// Who runs them.
    var runtime: Runtime

    /// The names of as many local members.
    static func names(_ count: Int) -> [String] { (0..<count).map { "m\($0 + 1)" } }

    /// The text, in YAML.
    var text: String {
        let plain = SecuritySpec()
        let concern = WriteConcernSpec()
        let preference = ReadPreferenceSpec()
        var lines = [
            "# A replica set, as rkctl knows it: `rkctl spec show` prints it with every default filled in.",
            "# Paths are relative to this file. An unknown key is an error.",
            "name: \(Self.quoted(name))",
            line("members:", "also: priority, votes, hidden, arbiter, delaySeconds, tags"),
        ]
        lines += members.enumerated().map { index, member in
            // Seven members may vote.
            let votes = index < 7 ? "" : ", votes: 0, priority: 0"
            return "  - {name: \(Self.quoted(member.name)), host: \(Self.quoted(member.host.description))\(votes)}"
        }
        lines += runtimeLines
        let made = runtime == .external ? "put it there, readable by you alone" : "made when absent"
        lines += [
            "security:",
            "  admin:",
            "    user: \(Self.quoted(plain.admin.user))",
            line("    password: {file: secrets/admin-password}", "\(made); or {env: NAME}"),
            line("  keyFile: \(plain.keyFile)", made),
            line("writeConcern: {w: majority, j: true, wtimeoutMS: \(concern.wtimeoutMS)}", "the set's default"),
            line("readPreference:", "for the connection strings of `rkctl spec show`"),
            "  application: \(preference.application.rawValue)",
            "  transactions: \(preference.transactions.rawValue)",
            "  analytics: \(preference.analytics.rawValue)",
            "# settings: {electionTimeoutMillis: 10000, chainingAllowed: true}",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var runtimeLines: [String] {
        switch runtime {
        case .external: [line("runtime: {external: {}}", "someone else starts and stops the servers")]
        case .process(let process): lines(of: process)
        case .docker(let docker): lines(of: docker)
        }
    }

    private func lines(of docker: DockerRuntime) -> [String] {
        [
            "runtime:",
            line("  docker:", "containers of the engine that the docker command talks to"),
            "    image: \(Self.quoted(docker.image))",
            line("    prefix: \(Self.quoted(docker.prefix))", "what names of containers and volumes begin with"),
            "    network: {name: \(Self.quoted(docker.network.name)), subnet: \(docker.network.subnet ?? "")}",
            line("    # endpoint: unix:///PATH", "or tcp://HOST:PORT: another engine"),
            line("    # cacheSizeMB: 256", "WiredTiger's cache of each member; when absent, fit for the machine"),
            line("    # oplogSizeMB: 990", "when absent, as much as mongod thinks fit"),
            "    # parameters: {ttlMonitorSleepSecs: 30}",
        ]
    }

    private func lines(of process: ProcessRuntime) -> [String] {
        [
            "runtime:",
            line("  process:", "mongod processes on this machine"),
            "    directory: \(Self.quoted(process.directory))",
            line("    mongod: \(Self.quoted(process.mongod))", "a path, or a name that is on PATH"),
            line("    # cacheSizeMB: 256", "WiredTiger's cache of each member; when absent, fit for the machine"),
            line("    # oplogSizeMB: 990", "when absent, as much as mongod thinks fit"),
            "    # parameters: {ttlMonitorSleepSecs: 30}",
        ]
    }

    /// A line with a comment, all comments in one column where the lines allow it.
    private func line(_ text: String, _ comment: String) -> String { text.padded(to: 31) + " # \(comment)" }

    /// The text as a scalar that every YAML reader reads as this text, in flow style too.
    static func quoted(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map { isLetter($0) || $0 == UInt8(ascii: "/") } ?? false
            && text.utf8.allSatisfy { isLetter($0) || "0123456789._/-".utf8.contains($0) }
        let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        if isPlain, !reserved.contains(text.lowercased()) { return text }
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.properties.generalCategory == .control || isLineEnd(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        ["\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar)
    }
}
