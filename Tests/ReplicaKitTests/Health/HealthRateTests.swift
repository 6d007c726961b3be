import Testing

@testable import ReplicaKit

@Suite("Rates of two looks") struct HealthRateTests {
    private func histogram(_ counts: [(micros: Int64, count: Int64)]) -> BSONValue {
        .array(BSONArray(counts.map { ["micros": .int64($0.micros), "count": .int64($0.count)] }))
    }

    /// Two looks at a healthy set, of whose first member `serverStatus` answers these values.
    private func report(_ before: [String: BSONValue], _ now: [String: BSONValue]) async throws -> HealthReport {
        func look(_ values: [String: BSONValue], uptime: Double) async throws -> HealthLook {
            var failure: (any Error)?
            let look = try await HealthLook.of(FakeMember.healthySet) { snapshot in
                snapshot.members[0].edit { view in
                    do { try view.answer(["pid": 7, "uptime": .double(uptime)].merging(values) { $1 }) } catch {
                        failure = error
                    }
                }
            }
            if let failure { throw failure }
            return look
        }
        let earlier = try await look(before, uptime: 100)
        return HealthExaminer(spec: .of(FakeMember.healthySet)).report(
            on: try await look(now, uptime: 110),
            previous: earlier
        )
    }

    private func value(_ gauge: Gauge, _ report: HealthReport) -> Double? { report.readings[0].values[gauge] }
    private func why(_ rule: HealthRuleID, _ report: HealthReport) -> String? {
        report.unjudged.first { $0.rule == rule && $0.member?.name == "a" }?.why
    }

    @Test("buckets end where the server's next one begins")
    func buckets() {
        let begins: [Int64] = [0, 2, 4, 8, 512, 1024, 2048, 3072, 4096, 6144, 8192, 12288]
        for (begin, next) in zip(begins, begins.dropFirst()) where begin != 8 {
            #expect(LatencyHistogram.end(of: begin) == next, "\(begin)")
        }
    }

    @Test("the 95th percentile is that of what came between the looks, and of enough")
    func latency() async throws {
        let path = "opLatencies/reads/histogram"
        let before = histogram([(1024, 1_000_000)])
        var result = try await report(
            [path: before],
            [path: histogram([(1024, 1_000_090), (131_072, 10)])]
        )
        let seconds = try #require(value(.readLatencySeconds, result))
        #expect(seconds > 0.131 && seconds < 0.197)
        #expect(result.findings.contains { $0.rule == "latency.reads" && $0.severity == .warning })
        result = try await report([path: before], [path: histogram([(1024, 1_000_000), (131_072, 40)])])
        #expect(value(.readLatencySeconds, result) == nil)
        #expect(why("latency.reads", result) == "too few reads between the two looks: 40")
    }

    @Test("the cache's hits are those between the looks, not since the start")
    func cache() async throws {
        let (read, requested) = (
            "wiredTiger/cache/pages read into cache", "wiredTiger/cache/pages requested from the cache"
        )
        var result = try await report(
            [read: 0, requested: 1_000_000],
            [read: 500, requested: 1_004_000]
        )
        #expect(value(.cacheHitRatio, result) == 0.875)
        #expect(result.findings.contains { $0.rule == "cache.hits" && $0.severity == .critical })
        result = try await report([read: 0, requested: 10], [read: 500, requested: 600])
        #expect(why("cache.hits", result)?.contains("too few pages") == true)
    }

    @Test("a restart between the looks resets the counters: nothing is computed across it")
    func restart() async throws {
        let (read, requested) = (
            "wiredTiger/cache/pages read into cache", "wiredTiger/cache/pages requested from the cache"
        )
        let result = try await report(
            ["pid": 6, read: 0, requested: 10],
            [read: 500_000, requested: 600_000]
        )
        #expect(value(.cacheHitRatio, result) == nil)
        #expect(why("cache.hits", result) == "it was restarted since the look before")
        #expect(result.findings.contains { $0.rule == "server.restarted" && $0.severity == .info })
    }

    @Test("beyond its limit a server has -1 connections left: all are in use")
    func connections() async throws {
        let result = try await report([:], ["connections/current": 201, "connections/available": -1])
        #expect(value(.connectionsRatio, result) == 1)
        #expect(result.findings.contains { $0.rule == "server.connections" && $0.severity == .critical })
    }

    @Test("failed logins and internal errors are those between the looks")
    func counters() async throws {
        let logins = "security/authentication/mechanisms/SCRAM-SHA-256/authenticate"
        let result = try await report(
            ["\(logins)/received": 100, "\(logins)/successful": 10, "asserts/regular": 3, "asserts/msg": 0],
            ["\(logins)/received": 120, "\(logins)/successful": 20, "asserts/regular": 3, "asserts/msg": 2]
        )
        #expect(result.findings.contains { $0.rule == "server.failed-logins" && $0.message.hasPrefix("10 logins") })
        #expect(result.findings.contains { $0.rule == "server.asserts" && $0.message.contains("2 internal errors") })
    }
}
