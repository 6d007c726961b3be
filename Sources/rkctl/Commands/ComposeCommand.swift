import ArgumentParser

/// Sets that Compose looks after too.
struct ComposeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Write a Compose file for the set; take over a set that Compose or docker run started.",
        subcommands: [ComposeExportCommand.self, ComposeAdoptCommand.self]
    )
}
