import Foundation
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// Members in states that they pass through, and what their surroundings do to them.
@Suite("States and surroundings", .serialized) struct HealthStateDrillTests {
    @Test("a member in its initial sync is told of, and is no trouble", .realServers())
    func initialSync() async throws {
        let failPoint = "initialSyncHangBeforeCopyingDatabases"
        try await LifecycleFixture.with(editing: { spec in
            spec.health.silence = (LifecycleFixture.ofTheMachine + ["server.settings"]).map { .init(rule: $0) }
            guard case .process(var runtime) = spec.runtime else { return }
            runtime.parameters["failpoint.\(failPoint)"] = #"{"mode": "alwaysOn"}"#
            spec.runtime = .process(runtime)
        }) { fixture in
            let set = fixture.set
            async let up = set.apply(.up)
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            var told: Finding?
            while clock.now < deadline, told == nil {
                try await Task.sleep(for: .milliseconds(100))
                // Until `up` has made the password there is nobody to ask as.
                guard let report = try? await set.examine().report else { continue }
                told = report.findings.first { $0.rule == "member.state" && $0.message.contains("initial sync") }
            }
            #expect(told?.severity == .info && told?.priority == .p3)
            #expect(told?.evidence.contains(.init("state", "STARTUP2")) == true)
            // As the set itself: a member that copies users has none yet.
            let key = try set.secrets.readKeyFile(set.spec.security.keyFile)
            for address in fixture.members.addresses {
                _ = try await set.toolbox.driver.withConnection(to: address, as: .keyFile(key), timeout: .seconds(10)) {
                    try await $0.run(
                        ["configureFailPoint": .string(failPoint), "mode": "off"],
                        on: "admin",
                        timeout: .seconds(10)
                    )
                }
            }
            _ = try await up
            let report = try await set.examine().report
            #expect(report.troubles.isEmpty, report.told)
        }
    }

    @Test("a disk that fills up is told of before it is full", .realServers(), .smallFileSystem)
    func disk() async throws {
        try await SmallFileSystem.with(megabytes: 900) { disk in
            try await LifecycleFixture.up(
                members: 1,
                silencing: LifecycleFixture.ofTheMachine.filter { $0 != "machine.disk" } + ["server.settings"],
                editing: { spec in
                    guard case .process(var runtime) = spec.runtime else { return }
                    runtime.directory = disk.path + "/data"
                    spec.runtime = .process(runtime)
                }
            ) { fixture in
                let set = fixture.set
                #expect(try await set.examine().report.troubles.isEmpty)
                let values = try URL(filePath: disk.path).resourceValues(forKeys: [.volumeAvailableCapacityKey])
                let available = try #require(values.volumeAvailableCapacity)
                // 70 MiB are left of 900: the server still writes.
                let filler = Data(count: available - (70 << 20))
                try filler.write(to: URL(filePath: disk.path + "/other-data"))
                // The server takes figures of its machine once a second, and may have done so while the file was written.
                let clock = ContinuousClock()
                let deadline = clock.now + .seconds(20)
                var report = try await set.examine().report
                while clock.now < deadline, !report.troubles.contains(where: { $0.severity == .critical }) {
                    report = try await set.examine().report
                }
                let finding = report.expect("machine.disk", .critical, of: fixture.members.names[0])
                #expect(finding?.priority == .p1)
                let diagnosis = try await set.diagnose([.disk], over: .milliseconds(100))
                #expect(diagnosis.parts[0].evidence.contains { $0.text.contains("MiB free of 900 MiB") })
                #expect(diagnosis.parts[0].warning?.contains("journal") == true)
            }
        }
    }

    @Test("two voters, and a member that is a standalone now", .realServers())
    func standalone() async throws {
        try await LifecycleFixture.up(members: 2) { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            try await set.examine().report.expect("config.even-voters", .warning, of: nil)
            _ = try await fixture.members.host.stop(names[1], grace: .seconds(20))
            guard case .process(let runtime) = set.spec.runtime else { throw TestFailure("not a process runtime") }
            let data = fixture.members.directory.path("\(runtime.directory)/\(names[1])/db")
            let report = try await Standalone.run(
                runtime.mongod,
                data: data,
                at: fixture.members.addresses[1]
            ) { try await set.examine().report }
            let finding = report.findings.first { $0.rule == "member.answers" && $0.member?.name == names[1] }
            #expect(finding?.severity == .critical && finding?.message.contains("standalone") == true, report.told)
        }
    }
}
