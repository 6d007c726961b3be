import Glibc
import ReplicaKit
import Testing

@testable import ReplicaKitProcess

@Suite("Whose process it is")
struct ProcessVerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let facts: ProcessFacts?
        var writtenAt: Double? = 1000
        var holdsLock = false
        let verdict: ProcessVerdict
    }

    private static func process(
        state: Character = "S",
        startedAt: Double = 999,
        arguments: [String] = ["/usr/bin/mongod", "--config", "/d/a/mongod.conf"]
    ) -> ProcessFacts {
        ProcessFacts(pid: 4711, state: state, startedAt: startedAt, arguments: arguments)
    }

    static let cases: [Case] = [
        Case(testDescription: "no such process", facts: nil, verdict: .ended),
        Case(testDescription: "no such process, stale lock", facts: nil, holdsLock: true, verdict: .ended),
        Case(testDescription: "running", facts: process(), verdict: .ours),
        Case(testDescription: "stopped by SIGSTOP", facts: process(state: "T"), verdict: .ours),
        Case(testDescription: "waiting for a disk", facts: process(state: "D"), verdict: .ours),
        Case(testDescription: "a zombie", facts: process(state: "Z"), verdict: .ended),
        Case(
            testDescription: "a zombie that seems to hold the lock",
            facts: process(state: "Z"),
            holdsLock: true,
            verdict: .ended
        ),
        Case(testDescription: "started as the file was written", facts: process(startedAt: 1000), verdict: .ours),
        Case(testDescription: "within the tolerance", facts: process(startedAt: 1001.9), verdict: .ours),
        Case(testDescription: "started later than the file", facts: process(startedAt: 1003), verdict: .stranger),
        Case(
            testDescription: "later, but it holds the lock: the clock was set",
            facts: process(startedAt: 9999),
            holdsLock: true,
            verdict: .ours
        ),
        Case(testDescription: "no pid file", facts: process(), writtenAt: nil, verdict: .stranger),
        Case(
            testDescription: "no pid file, but it holds the lock",
            facts: process(),
            writtenAt: nil,
            holdsLock: true,
            verdict: .ours
        ),
        Case(testDescription: "another program", facts: process(arguments: ["sleep", "600"]), verdict: .stranger),
        Case(
            testDescription: "another program that holds the lock",
            facts: process(arguments: ["flock", "-x"]),
            holdsLock: true,
            verdict: .stranger
        ),
        Case(
            testDescription: "another member's mongod",
            facts: process(arguments: ["mongod", "--config", "/d/b/mongod.conf"]),
            verdict: .stranger
        ),
        Case(
            testDescription: "a path that only begins alike",
            facts: process(arguments: ["mongod", "--config", "/d/a/mongod.conf.old"]),
            verdict: .stranger
        ),
        Case(
            testDescription: "an editor of the config file",
            facts: process(arguments: ["vi", "/d/a/mongod.conf"]),
            verdict: .stranger
        ),
        Case(
            testDescription: "the path as the program's name",
            facts: process(arguments: ["/d/a/mongod.conf"]),
            verdict: .stranger
        ),
        Case(testDescription: "a kernel thread, without arguments", facts: process(arguments: []), verdict: .stranger),
    ]

    @Test("judges by arguments, time and lock", arguments: cases)
    func verdict(_ test: Case) {
        let verdict = ProcessVerdict.judge(
            test.facts,
            configPath: "/d/a/mongod.conf",
            pidFileWrittenAt: test.writtenAt,
            holdsLock: test.holdsLock
        )
        #expect(verdict == test.verdict)
    }

    @Test("reads /proc/PID/stat, whatever the command is called")
    func stat() throws {
        let rest = "R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 98765 20"
        for command in ["mongod", "a b", "x) R 1 2 3", "((", ") Z ("] {
            let parsed = try #require(ProcessFacts.parse(stat: "4711 (\(command)) \(rest)"))
            #expect(parsed.state == "R")
            #expect(parsed.startTicks == 98765)
        }
        for broken in ["", "1 (x", "1 (x) R 1 2", "garbage"] { #expect(ProcessFacts.parse(stat: broken) == nil) }
    }

    @Test("reads /proc/PID/cmdline, empty arguments included")
    func commandLine() {
        #expect(ProcessFacts.parse(commandLine: Array("a\0b c\0\0d\0".utf8)) == ["a", "b c", "", "d"])
        #expect(ProcessFacts.parse(commandLine: []) == [])
    }

    @Test("sees this very process")
    func thisProcess() throws {
        let facts = try #require(ProcessFacts(of: getpid()))
        #expect(!facts.isZombie)
        #expect(!facts.arguments.isEmpty)
        let now = Double(time(nil))
        #expect(facts.startedAt <= now + 1 && facts.startedAt > now - 86400)
        #expect(ProcessFacts(of: 0) == nil)
        #expect(ProcessFacts(of: -1) == nil)
    }

    @Test("finds who holds a file's lock in /proc/locks")
    func locks() {
        let text = """
            1: FLOCK  ADVISORY  WRITE 20484 fe:00:16253157 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 20999 fe:00:16253157 0 EOF
            2: POSIX  ADVISORY  WRITE 16339 fe:00:16229948 0 0
            3: FLOCK  ADVISORY  WRITE 77 fe:01:16253157 0 EOF
            4: FLOCK  ADVISORY  WRITE 0 fe:00:16253157 0 EOF
            5: garbage
            """
        #expect(LockTable.holders(inode: 16_253_157, device: 0xFE00, in: text) == [20484])
        #expect(LockTable.holders(inode: 16_253_157, device: 0xFE01, in: text) == [77])
        #expect(LockTable.holders(inode: 1, device: 0xFE00, in: text) == [])
    }

    @Test("finds who listens, by inode")
    func listeners() throws {
        let text = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:7149 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0
               1: 0100007F:7149 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0 20 4 30 10 -1
               2: 00000000000000000000000001000000:714A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 999 1
            """
        #expect(
            ListeningSockets.parse(text) == [
                ListeningSockets.Entry(port: 29001, inode: 12345), ListeningSockets.Entry(port: 29002, inode: 999),
            ]
        )
        let unix = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 555 /run/a b.sock
            0000000000000000: 00000003 00000000 00000000 0001 03 556 /run/a b.sock
            0000000000000000: 00000002 00000000 00010000 0001 01 557
            """
        #expect(ListeningSockets.parseUnix(unix, path: "/run/a b.sock") == [555])
    }
}
