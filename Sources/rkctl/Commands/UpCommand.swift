import ArgumentParser
import ReplicaKit

/// `rkctl up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Bring the set up as the spec says.",
        discussion: """
            Makes what is missing (members, keyfile, password, administrator, default write concern), starts what does \
            not run, and completes a set-up that was interrupted. Where all is as it should be it changes nothing.
            """
    )

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.up, changes) }
    }
}
