import ReplicaKit
import Testing

@testable import rkctl

@Suite("Printed schedules")
struct ScheduleTests {
    @Test("systemd prunes whatever came of the backup, and the unit fails with the backup")
    func systemd() {
        let text = BackupScheduleCommand.systemd("/opt/rkctl", "/srv/rs.yaml", "02:30", "rs0")
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains(#"ExecStart="/opt/rkctl" backup create --quiet --set "/srv/rs.yaml""#))
        #expect(lines.contains(#"ExecStopPost="/opt/rkctl" backup prune --yes --quiet --set "/srv/rs.yaml""#))
        #expect(!lines.contains { $0.hasPrefix("ExecStart=") && $0.contains("prune") })
        // The 90 seconds that systemd gives by default are few for a bucket.
        #expect(lines.contains("TimeoutStopSec=1h"))
        #expect(lines.contains("OnCalendar=*-*-* 02:30:00"))
    }

    @Test("cron prunes whatever came of the backup, and the line ends as the backup did")
    func cron() {
        let text = BackupScheduleCommand.cron("/opt/rkctl", "/srv/rs.yaml", "02:30")
        let line = text.split(separator: "\n").first { $0.contains("backup create") }.map(String.init)
        #expect(
            line == "30 2 * * * '/opt/rkctl' backup create --quiet --set '/srv/rs.yaml'; status=$?; "
                + "'/opt/rkctl' backup prune --yes --quiet --set '/srv/rs.yaml' && exit $status"
        )
    }
}
