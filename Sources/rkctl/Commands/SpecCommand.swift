import ArgumentParser

/// Everything about the spec itself.
struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec",
        abstract: "Write, check and show the spec of a set.",
        subcommands: [SpecInitCommand.self, SpecValidateCommand.self, SpecShowCommand.self]
    )
}
