extension ReplicaSetSpec {
    /// What is wrong with what is said of backups.
    func backupProblems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        if let s3 = backup.s3 {
            problems += s3.problems().map { SpecProblem(["backup", "s3"] + $0.path, $0.message) }
        } else if backup.directory.isEmpty {
            problems.append(SpecProblem(["backup", "directory"], "the directory of the backups is empty"))
        }
        if !(1...36_500).contains(backup.retentionDays) {
            problems.append(
                SpecProblem(["backup", "retentionDays"], "\(backup.retentionDays) days: say 1 to 36500")
            )
        }
        if !(1...3600).contains(backup.oplogIntervalSeconds) {
            problems.append(
                SpecProblem(
                    ["backup", "oplogIntervalSeconds"],
                    "\(backup.oplogIntervalSeconds) s between two writes of the archive: say 1 to 3600"
                )
            )
        }
        return problems
    }
}
