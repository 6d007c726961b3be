import ReplicaKit

extension Exposition {
    /// The names and labels that dashboards and alerts made for today's exporters ask for. The lag that they compute
    /// from `mongodb_rs_members_optimeDate` is right here: it is each member's own answer, in milliseconds.
    mutating func addCompatible(_ examination: HealthExamination) {
        let snapshot = examination.look.snapshot
        let set = Label("rs_nm", snapshot.setName.rawValue)
        for status in examination.report.status.currentMembers {
            guard let member = snapshot.member(at: status.host) else { continue }
            let server = [set, Label("member_idx", status.host.description)]
            let labels = server + [Label("member_state", (status.state ?? .unknown).description)]
            add(.up, server, status.reachable ? 1 : 0)
            add(.health, labels, status.reachable ? 1 : 0)
            // A member that does not answer has no optime here: servers write 1970 for "unknown".
            guard let view = member.view else { continue }
            if !view.hello.isArbiter,
                let applied = (try? view.status.get())?.appliedWall?.milliseconds
                    ?? view.applied.map({ Int64($0.timestamp.seconds) * 1000 })
            {
                add(.optime, labels, Double(applied))
            }
            guard let process = try? view.serverStatus.get() else { continue }
            add(.connections, server, process.currentConnections.map(Double.init))
            for (operation, count) in process.operationCounters.sorted(by: { $0.key < $1.key }) {
                add(.operations, server + [Label("legacy_op_type", operation)], Double(count))
            }
        }
    }
}

extension Metric {
    fileprivate static let up = Metric("mongodb_up", .gauge, "Whether the member answers.")
    fileprivate static let health = Metric(
        "mongodb_rs_members_health",
        .gauge,
        "Whether the member answers, with its state."
    )
    fileprivate static let optime = Metric(
        "mongodb_rs_members_optimeDate",
        .gauge,
        "When the member's last applied write was made, in milliseconds."
    )
    fileprivate static let connections = Metric("mongodb_connections_current", .gauge, "Open connections.")
    fileprivate static let operations = Metric(
        "mongodb_opcounters",
        .counter,
        "Operations since the member's start, by kind."
    )
}
