import Glibc
import ReplicaKit
import Testing

@testable import ReplicaKitProcess

@Suite("Sizes for the machine")
struct SizingTests {
    private static let gib: UInt64 = 1 << 30

    @Test(
        "divides half of what is above 1 GiB among the members",
        arguments: [
            (24 * gib, 3, 3.8), (24 * gib, 1, 11.5), (16 * gib, 3, 2.5), (8 * gib, 3, 1.15), (4 * gib, 3, 0.5),
            (2 * gib, 3, 0.25), (2 * gib, 1, 0.5), (1 * gib, 1, 0.25), (0, 3, 0.25), (512 << 20, 50, 0.25),
            (24 * gib, 0, 11.5), (1024 * gib, 3, 170.5),
        ]
    )
    func cache(memory: UInt64, members: Int, expected: Double) {
        #expect(CacheSize.gigabytes(memory: memory, members: members) == expected)
    }

    @Test("never gives all members together more than one mongod alone would take", arguments: 1...7)
    func total(members: Int) {
        let each = CacheSize.gigabytes(memory: 64 * Self.gib, members: members)
        #expect(each * Double(members) <= 31.5)
    }

    @Test("reads the machine's memory")
    func meminfo() {
        #expect(
            MachineMemory.totalMemory(ofMeminfo: "MemTotal:       24681000 kB\nMemFree: 1 kB\n") == 24_681_000 * 1024
        )
        #expect(MachineMemory.totalMemory(ofMeminfo: "MemFree: 1 kB") == nil)
        #expect((MachineMemory.bytes() ?? 0) > 1 << 28)
    }

    @Test("looks for limits in the process's control group and all above it")
    func controlGroups() {
        #expect(
            MachineMemory.limitFiles(ofCgroup: "0::/user.slice/x.scope\n") == [
                "/sys/fs/cgroup/user.slice/x.scope/memory.max", "/sys/fs/cgroup/user.slice/memory.max",
                "/sys/fs/cgroup/memory.max",
            ]
        )
        #expect(
            MachineMemory.limitFiles(ofCgroup: "5:cpu,memory:/docker/1\n4:pids:/\n") == [
                "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        )
        #expect(MachineMemory.parseLimit("max\n") == nil)
        #expect(MachineMemory.parseLimit("9223372036854771712\n") == nil)
        #expect(MachineMemory.parseLimit("536870912\n") == 536_870_912)
        #expect(MachineMemory.parseLimit("") == nil)
    }

    @Test(
        "raises the limit of open files as far as it goes, and never lowers it",
        arguments: [
            (1024, 1_048_576, 64000), (1024, 4096, 4096), (64000, 1_048_576, nil), (500_000, 1_048_576, nil),
            (1024, 1024, nil), (1024, .max, 64000),
        ] as [(UInt64, UInt64, UInt64?)]
    )
    func fileLimit(soft: UInt64, hard: UInt64, expected: UInt64?) {
        let command = FileLimit.raising("/m o/d", ["--config", "a b"], soft: soft, hard: hard)
        if let expected {
            #expect(command.program == "/bin/sh")
            #expect(command.arguments.suffix(4) == [String(expected), "/m o/d", "--config", "a b"])
        } else {
            #expect(command.program == "/m o/d" && command.arguments == ["--config", "a b"])
        }
    }

    @Test("raises the limit for the program that it becomes")
    func raisedLimit() async throws {
        var limits = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0)
        let hard = UInt64(limits.rlim_max)
        let command = FileLimit.raising(
            "/bin/sh",
            ["-c", "ulimit -n; echo \"[$*]\"", "x", "a b", "$(c)"],
            soft: 1,
            hard: hard
        )
        let outcome = try await runProcess(
            command.program,
            command.arguments,
            deadline: .seconds(30),
            clock: ContinuousClock()
        )
        #expect(outcome.output == "\(min(hard, 64000))\n[a b $(c)]\n")
    }

    @Test(
        "makes one directory name of any member name",
        arguments: [
            ("mongodb-primary", "mongodb-primary"), ("a.b_c", "a.b_c"), ("", "%"), (".", "%2E"), ("..", "%2E%2E"),
            ("../../etc", "..%2F..%2Fetc"), ("a/b", "a%2Fb"), ("a%2Fb", "a%252Fb"), ("ü", "%C3%BC"),
            ("a b\n", "a%20b%0A"),
            ("\0", "%00"),
        ]
    )
    func names(member: String, expected: String) {
        #expect(MemberPaths.fileName(of: MemberName(rawValue: member)) == expected)
    }

    @Test(
        "reads versions",
        arguments: [
            ("db version v6.0.5\nBuild Info: {…}", "6.0.5", true), ("db version v4.4.2", "4.4.2", true),
            ("db version v8.2.0-rc1", "8.2.0", true), ("db version v4.2.24", "4.2.24", false),
            ("db version v9.0.1", "9.0.1", false), ("warning\ndb version v7.0\n", "7.0.0", true),
        ]
    )
    func versions(banner: String, text: String, supported: Bool) throws {
        let version = try #require(MongodVersion(banner: banner))
        #expect(version.description == text)
        #expect(version.isSupported == supported)
    }

    @Test(
        "takes nothing else for a version",
        arguments: ["", "mongo", "db version 6.0", "db version vX", "db version v6"]
    )
    func noVersion(banner: String) { #expect(MongodVersion(banner: banner) == nil) }
}
