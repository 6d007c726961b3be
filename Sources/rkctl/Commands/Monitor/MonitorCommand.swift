import ArgumentParser

/// `rkctl monitor`.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch sets: metrics for Prometheus, a status page, alerts, changes as they happen.",
        subcommands: [
            MonitorRunCommand.self, MonitorTestAlertCommand.self, MonitorRulesCommand.self,
            MonitorDashboardCommand.self,
        ],
        defaultSubcommand: MonitorRunCommand.self
    )
}
