import ArgumentParser

/// `rkctl monitor`.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Tell people and other programs how the set is.",
        subcommands: [MonitorTestAlertCommand.self, MonitorRulesCommand.self, MonitorDashboardCommand.self]
    )
}
