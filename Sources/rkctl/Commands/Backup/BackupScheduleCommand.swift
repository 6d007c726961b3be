import ArgumentParser
import Foundation
import ReplicaKit

/// `rkctl backup schedule`.
struct BackupScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Print what makes the system run backups: systemd units, or lines for cron.",
        discussion: "It prints and installs nothing."
    )

    @Flag(help: "Print lines for cron.")
    var cron = false

    @Option(help: "When backups are made each day, HH:MM.")
    var at = "02:00"

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        let parts = at.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
            (0...59).contains(minute)
        else { throw ValidationError("--at \(at) is no time of the day, such as 02:00") }
    }

    func run() async throws {
        try await global.perform { try await work($0) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ session: Session) async throws {
        let file = try session.loadSpec()
        let spec = URL(filePath: session.options.specPath).standardizedFileURL.path
        let tool = Bundle.main.executablePath ?? "rkctl"
        session.output.raw(cron ? Self.cron(tool, spec, at) : Self.systemd(tool, spec, at, file.spec.name))
    }

    static func cron(_ tool: String, _ spec: String, _ at: String) -> String {
        let time = at.split(separator: ":").reversed().compactMap { Int($0) }.map(String.init).joined(separator: " ")
        return """
            # A backup a day, and what is not needed removed, also when the backup failed; the newest one restored and compared each Sunday.
            \(time) * * * '\(tool)' backup create --quiet --set '\(spec)'; status=$?; '\(tool)' backup prune --yes --quiet --set '\(spec)' && exit $status
            30 5 * * 0 '\(tool)' backup verify --restore --quiet --set '\(spec)'
            # The archive of the oplog, started again when it has ended.
            @reboot while true; do '\(tool)' oplog archive --quiet --set '\(spec)'; sleep 10; done

            """
    }

    static func systemd(_ tool: String, _ spec: String, _ at: String, _ set: ReplicaSetName) -> String {
        """
        # /etc/systemd/system/rkctl-backup-\(set).service
        [Unit]
        Description=Backup of the replica set \(set)
        [Service]
        Type=oneshot
        ExecStart="\(tool)" backup create --quiet --set "\(spec)"
        # Also when the backup failed: what fills the disk must go. The unit fails with either of them.
        ExecStopPost="\(tool)" backup prune --yes --quiet --set "\(spec)"
        TimeoutStopSec=1h

        # /etc/systemd/system/rkctl-backup-\(set).timer
        [Unit]
        Description=A backup of the replica set \(set) each day
        [Timer]
        OnCalendar=*-*-* \(at):00
        Persistent=true
        [Install]
        WantedBy=timers.target

        # /etc/systemd/system/rkctl-verify-\(set).service
        [Unit]
        Description=Restore and compare the newest backup of the replica set \(set)
        [Service]
        Type=oneshot
        ExecStart="\(tool)" backup verify --restore --quiet --set "\(spec)"

        # /etc/systemd/system/rkctl-verify-\(set).timer
        [Unit]
        Description=The newest backup of the replica set \(set) is tried each week
        [Timer]
        OnCalendar=Sun *-*-* 05:30:00
        Persistent=true
        [Install]
        WantedBy=timers.target

        # /etc/systemd/system/rkctl-oplog-\(set).service
        [Unit]
        Description=Archive of the oplog of the replica set \(set)
        [Service]
        ExecStart="\(tool)" oplog archive --quiet --set "\(spec)"
        Restart=always
        RestartSec=10
        [Install]
        WantedBy=multi-user.target

        # Then: systemctl enable --now rkctl-backup-\(set).timer rkctl-verify-\(set).timer rkctl-oplog-\(set).service

        """
    }
}
