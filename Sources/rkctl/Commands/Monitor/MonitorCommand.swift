import ArgumentParser

/// `rkctl monitor`.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch sets: metrics for Prometheus, a status page, changes as they happen.",
        subcommands: [MonitorRunCommand.self],
        defaultSubcommand: MonitorRunCommand.self
    )
}
