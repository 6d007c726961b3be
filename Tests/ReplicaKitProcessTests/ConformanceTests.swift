import ReplicaKit
import ReplicaKitTesting
import TestSupport
import Testing

@Suite("The host of local processes is a host", .realServers())
struct ConformanceTests {
    @Test("Conformance", arguments: MemberHostConformance.checks)
    func check(_ check: MemberHostConformance.Check) async throws {
        try await RealMembers.with(started: false) { members in
            try await check.run(.init(host: members.host, member: members.names[0], keyFile: members.keyFile))
        }
    }
}
