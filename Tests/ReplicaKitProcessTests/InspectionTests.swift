import Glibc
import ReplicaKit
import ReplicaKitTesting
import TestSupport
import Testing

@testable import ReplicaKitProcess

@Suite("Looking into local processes")
struct InspectionTests {
    @Test("Conformance", .realServers(), arguments: MemberHostConformance.inspectionChecks)
    func check(_ check: MemberHostConformance.Check) async throws {
        try await RealMembers.with(started: false) { members in
            try await check.run(.init(host: members.host, member: members.names[0], keyFile: members.keyFile))
        }
    }

    @Test("kill -9, SIGSTOP and SIGCONT by others are told", .realServers())
    func foreignHands() async throws {
        try await RealMembers.with(members: 2) { members in
            let pid = try await members.pid("b")
            var events = try await members.host.events(since: nil).makeAsyncIterator()
            kill(pid, SIGSTOP)
            #expect(try await events.next()?.kind == .paused)
            kill(pid, SIGCONT)
            #expect(try await events.next()?.kind == .unpaused)
            kill(pid, SIGKILL)
            let died = try await events.next()
            #expect(died?.kind == .died(.signal(9)) && died?.member == "b")
        }
    }

    @Test("The files of /proc are read, whatever the command is called")
    func usage() throws {
        let fields = (1...50).map(String.init).joined(separator: " ")
        let usage = ProcessUsage(
            stat: "7 (a) b) S \(fields)",
            statm: "1000 20 3 4 0 5 0",
            io: "rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 9\n"
        )
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect(usage.processorSeconds == (11 + 12) / ticks)
        #expect(usage.memory == 20 * UInt64(sysconf(Int32(_SC_PAGESIZE))))
        #expect((usage.diskRead, usage.diskWritten) == (4096, 8192))
        let none = ProcessUsage(stat: "", statm: nil, io: nil)
        #expect(none.processorSeconds == nil && none.memory == nil && none.diskRead == nil)
    }
}
