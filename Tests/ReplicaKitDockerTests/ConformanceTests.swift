import ReplicaKit
import ReplicaKitTesting
import TestSupport
import Testing

@Suite("The Docker host is a host", .dockerEngine())
struct ConformanceTests {
    @Test("Conformance", arguments: MemberHostConformance.checks)
    func check(_ check: MemberHostConformance.Check) async throws {
        try await Containers.with { containers in
            try await check.run(.init(host: containers.host, member: "a", keyFile: containers.keyFile))
        }
    }
}
