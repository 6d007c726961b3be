import Testing

@testable import ReplicaKit

/// What looks remember of those before them.
@Suite("The memory of looks") struct HealthMemoryTests {
    /// A look at a healthy set at a time, whose member `b` is a process with that number, and has run for so long.
    private func look(
        at seconds: Double,
        pid: Int = 7,
        uptime: Double?,
        clock: Double = 0,
        rollbackID: Int = 1,
        initialSyncs: Int = 1,
        rollbacksInLog: Int? = nil,
        host: MemberProcessState? = nil,
        after previous: HealthLook? = nil
    ) async throws -> HealthLook {
        var members = FakeMember.healthySet
        if uptime == nil { members[1].behaviour = .refuses }
        var failure: (any Error)?
        let look = try await HealthLook.of(members, processes: host.map { ["b": $0] } ?? [:]) { snapshot in
            snapshot.takenAt = BSONDateTime(milliseconds: Int64(seconds * 1000))
            snapshot.members[1].edit { view in
                do {
                    try view.answer([
                        "pid": .integer(pid), "uptime": .double(uptime ?? 0),
                        "localTime": .dateTime(BSONDateTime(milliseconds: Int64((seconds + clock) * 1000))),
                        "metrics/repl/initialSync/completed": .integer(initialSyncs),
                        "repl/rbid": .integer(rollbackID),
                    ])
                    view.figures = MemberFigures()
                    view.figures?.rollbacksInLog = rollbacksInLog
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
        return HealthLook(snapshot: look.snapshot, processes: look.processes, after: previous)
    }

    private func report(_ look: HealthLook, after previous: HealthLook) -> HealthReport {
        HealthExaminer(spec: .of(FakeMember.healthySet)).report(on: look, previous: previous)
    }

    private func restarts(_ look: HealthLook) -> Int? { look.memory[look.snapshot.members[1].address]?.restarts }

    @Test("restarts are counted for an hour, by number, by uptime, and by when they were")
    func restarts() async throws {
        var last = try await look(at: 1000, uptime: 500)
        #expect(restarts(last) == nil)
        func see(_ seconds: Double, pid: Int = 7, uptime: Double, clock: Double = 0) async throws -> Int? {
            last = try await look(at: seconds, pid: pid, uptime: uptime, clock: clock, after: last)
            return restarts(last)
        }
        #expect(try await see(1010, uptime: 510) == 0)
        // Told in whole seconds, and asked a little later than the other time.
        #expect(try await see(1020, uptime: 518.2) == 0)
        #expect(try await see(1030, pid: 8, uptime: 600) == 1)
        #expect(try await see(1040, pid: 8, uptime: 3) == 2)
        // In a container the number is the same, and it may have run for longer than at the look before.
        #expect(try await see(1050, pid: 8, uptime: 8) == 3)
        // Its clock is put back, and by a second forward.
        #expect(try await see(1060, pid: 8, uptime: 18, clock: -90) == 3)
        #expect(try await see(1070, pid: 8, uptime: 28, clock: -89) == 3)
        #expect(try await see(1030 + 3600, pid: 8, uptime: 3588, clock: -89) == 2)
        #expect(try await see(1050 + 3600, pid: 8, uptime: 3608, clock: -89) == 0)
    }

    @Test("the host's word counts where the server never answers, and both together are not twice as many")
    func host() async throws {
        func running(_ started: Double) -> MemberProcessState {
            .running(MemberProcess(identity: "c0ffee", startedAt: started))
        }
        var last = try await look(at: 1000, uptime: 500, host: running(500))
        last = try await look(at: 1010, pid: 7, uptime: 5, host: running(1005), after: last)
        #expect(restarts(last) == 1)
        for time in [1020.0, 1030, 1040, 1050, 1060] {
            last = try await look(at: time, uptime: nil, host: running(time - 1), after: last)
            last = try await look(at: time + 1, uptime: nil, host: .stopped(.code(14)), after: last)
        }
        #expect(restarts(last) == 6)
        let next = try await look(at: 1070, uptime: nil, host: .stopped(.code(14)), after: last)
        let finding = try #require(report(next, after: last).findings.first { $0.rule == "server.restarts" })
        #expect(finding.severity == .critical && finding.priority == .p1 && finding.member?.name == "b")
        #expect(finding.message == "restarts of its process within the last hour: 6 (limit 6)")
    }

    @Test("a rollback is told of also when the member did not answer in between, and an initial sync is none")
    func rollback() async throws {
        let before = try await look(at: 1000, uptime: 500)
        let away = try await look(at: 1010, uptime: nil, after: before)
        func isTold(
            uptime: Double = 520,
            rollbackID: Int,
            initialSyncs: Int = 1,
            inLog: Int? = nil
        ) async throws -> Bool {
            let back = try await look(
                at: 1020,
                uptime: uptime,
                rollbackID: rollbackID,
                initialSyncs: initialSyncs,
                rollbacksInLog: inLog,
                after: away
            )
            let finding = report(back, after: away).findings.first { $0.rule == "replication.rollback" }
            if let finding { #expect(finding.severity == .critical && finding.member?.name == "b") }
            return finding != nil
        }
        #expect(try await isTold(rollbackID: 2))
        #expect(try await !isTold(rollbackID: 1))
        #expect(try await !isTold(rollbackID: 2, initialSyncs: 2))
        // Another process: the number grows at each start.
        #expect(try await !isTold(uptime: 5, rollbackID: 2, initialSyncs: 0, inLog: 0))
        #expect(try await !isTold(uptime: 5, rollbackID: 9, initialSyncs: 1))
        #expect(try await isTold(uptime: 5, rollbackID: 3, initialSyncs: 0, inLog: 1))
    }
}
