import ArgumentParser

/// `rkctl oplog`.
struct OplogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oplog",
        abstract: "Archive the oplog, and show what the archive covers.",
        subcommands: [OplogArchiveCommand.self, OplogStatusCommand.self]
    )
}
