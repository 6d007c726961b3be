import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Many connections", .realServers("6.0.5"), .serialized)
struct ManyConnectionsTests {
    /// More than the threads of the cooperative pool by far, and more than Dispatch has for blocked work.
    @Test("Three hundred blocked calls hold up no other task")
    func blocked() async throws {
        let driver = LibMongoCDriver.quiet
        let clock = ContinuousClock()
        try await RealMongod.with { server in
            let calls = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<300 {
                        group.addTask {
                            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(60)) {
                                let hello = try await $0.run(["hello": 1], on: "admin", timeout: .seconds(60))
                                guard let version = hello["topologyVersion"] else { return }
                                _ = try await $0.run(
                                    ["hello": 1, "topologyVersion": version, "maxAwaitTimeMS": 60000],
                                    on: "admin",
                                    timeout: .seconds(60)
                                )
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await server.waitUntilInProgress(300)
            let start = clock.now
            // Were threads of the pool blocked in the calls, none of this would go on before they end.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try? await Task.sleep(for: .milliseconds(5)) } }
            }
            calls.cancel()
            await #expect(throws: CancellationError.self) { try await calls.value }
            #expect(clock.now - start < .seconds(30))
        }
    }
}
