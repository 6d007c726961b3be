import ArgumentParser
import ReplicaKit

/// `rkctl check-write`.
struct CheckWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-write",
        abstract: "Write a document with w: majority, read it back and remove it.",
        discussion: "Proves what a status cannot: that clients are let in and a majority of members writes to disk."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            let check = try await set.checkWrite()
            try session.output.result {
                [
                    "a majority acknowledged a write to \(check.primary) in \(Format.seconds(check.writeSeconds)), "
                        + "read back in \(Format.seconds(check.readSeconds))"
                ]
            } json: {
                [
                    "set": .string(set.spec.name.rawValue), "primary": .string(check.primary.description),
                    "writeSeconds": .double(check.writeSeconds), "readSeconds": .double(check.readSeconds),
                ]
            }
        }
    }
}
