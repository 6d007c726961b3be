import Logging
import ReplicaKit
import ReplicaKitMongo

/// Embeds ReplicaKit: describes a set in Swift, looks at it once, and prints its members.
///
///     swift run EmbeddingExample DIRECTORY SET HOST:PORT…
///
/// The administrator's password is read from `secrets/admin-password` in the directory. After `make quickstart`, with
/// the ports that it printed:
///
///     swift run EmbeddingExample quickstart quickstart 127.0.0.1:27017 127.0.0.1:27018 127.0.0.1:27019
@main
struct EmbeddingExample {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3 else {
            print("usage: EmbeddingExample DIRECTORY SET HOST:PORT…")
            return
        }
        do {
            let spec = try spec(name: arguments[1], hosts: arguments.dropFirst(2))
            try await show(spec, in: arguments[0])
        } catch let error as ReplicaKitError {
            print(error)
            if let hint = error.hint { print("hint: \(hint)") }
        } catch {
            print("interrupted: \(error)")
        }
    }

    /// What the set should be. Its processes are someone else's affair: this program only looks.
    static func spec(name: String, hosts: some Sequence<String>) throws -> ReplicaSetSpec {
        var members: [MemberSpec] = []
        for (index, host) in hosts.enumerated() {
            members.append(MemberSpec(name: MemberName(rawValue: "m\(index + 1)"), host: try MemberAddress(host)))
        }
        let spec = ReplicaSetSpec(name: ReplicaSetName(rawValue: name), members: members, runtime: .external)
        try spec.validate()
        return spec
    }

    /// Asks all members at the same time, and prints what they answered.
    static func show(_ spec: ReplicaSetSpec, in directory: String) async throws {
        let logger = Logger(label: "embedding-example") { StreamLogHandler.standardError(label: $0) }
        let toolbox = Toolbox(
            driver: LibMongoCDriver(applicationName: "embedding-example", logger: logger),
            host: ExternalHost(),
            logger: logger
        )
        let set = ReplicaSet(spec: spec, baseDirectory: directory, toolbox: toolbox)

        let snapshot = try await set.snapshot()
        try snapshot.requireAuthenticated()
        let status = ReplicaSetStatus(snapshot)

        print("\(status.set): primary \(status.primary?.description ?? "unknown"), term \(status.term ?? 0)")
        for member in status.members {
            let state = member.reachable ? member.state?.description ?? "UNKNOWN" : "unreachable"
            let lag = member.lagSeconds.map { ", \($0) s behind" } ?? ""
            let error = member.error.map { ": \($0.message)" } ?? ""
            print("  \(member.name?.rawValue ?? "-") \(member.host) \(state)\(lag)\(error)")
        }
    }
}
