import ArgumentParser
import ReplicaKit

/// `rkctl down`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the set and remove its members from this machine.",
        discussion: "Data, the spec and secrets stay, unless --volumes removes the data."
    )

    @Flag(help: "Remove all data of the members too. It cannot be brought back.")
    var volumes = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.down(includingData: volumes), changes) }
    }
}
