import ArgumentParser
import ReplicaKit
import ReplicaKitMonitor

/// `rkctl spec validate`.
struct SpecValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the spec: every key and value, and that the set could be made."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let file = try session.loadSpec()
            // Of no interest to commands that tell nobody anything, such as a failover.
            try SpecReader(file: file.path).report(file.spec.timeZoneProblems(), in: file.text)
            let count = file.spec.members.count
            try session.output.result {
                ["\(file.path) is good: set \(file.spec.name), \(count) \(count == 1 ? "member" : "members")"]
            } json: {
                ["valid": true, "set": .string(file.spec.name.rawValue), "members": .integer(count)]
            }
        }
    }
}
