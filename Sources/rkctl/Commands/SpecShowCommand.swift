import ArgumentParser
import ReplicaKit
import Yams

/// `rkctl spec show`.
struct SpecShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the spec with every default, and connection strings by purpose.",
        discussion: "Connection strings hold no password."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let file = try session.loadSpec()
            let strings = ConnectionPurpose.allCases.map { purpose in
                (purpose.rawValue, file.spec.connectionString(for: purpose, baseDirectory: file.baseDirectory))
            }
            let yaml = try YAMLEncoder().encode(file.spec)
            try session.output.result {
                yaml.split(separator: "\n").map(String.init) + ["# Connection strings:"]
                    + strings.map { "#   \($0 + ":") \($1)" }
            } json: {
                var connections = BSONDocument()
                for (purpose, string) in strings { connections.append(purpose, .string(string)) }
                return [
                    "spec": .document(try BSONEncoder().encode(file.spec)),
                    "connectionStrings": .document(connections),
                ]
            }
        }
    }
}
