import ReplicaKit
import Testing

@testable import ReplicaKitProcess

@Suite("Telling why a mongod did not start")
struct StartFailureTests {
    private static func line(_ message: String, severity: String = "E") -> String {
        #"{"t":{"$date":"x"},"s":"\#(severity)","c":"STORAGE","id":1,"ctx":"initandlisten","msg":"\#(message)"}"# + "\n"
    }

    private func error(
        _ status: ProcessOutcome.Status,
        log: String = "",
        output: String = "",
        last: MongodVersion? = nil,
        free: UInt64? = 1 << 40
    ) throws -> ReplicaKitError {
        let member = MemberSpec(name: "a", host: MemberAddress(host: "127.0.0.1", port: 1))
        return StartFailure(
            outcome: ProcessOutcome(status: status, output: output),
            log: log,
            binary: MongodBinary.Usable(path: "/bin/mongod", version: MongodVersion(major: 6, minor: 0, patch: 5)),
            lastServer: last,
            free: free,
            silence: .seconds(60)
        ).error(member: member, paths: MemberPaths(root: "/d", member: "a"))
    }

    @Test(
        "by exit code and log",
        arguments: [
            (48, line("Error setting up listener: Address already in use"), .portInUse),
            (48, line("Cannot assign requested address"), .startFailed),
            (48, line("Permission denied"), .startFailed),
            (100, line("Another mongod instance is already running on the /d/a/db directory"), .directoryInUse),
            (100, line("DBPathInUse: Unable to lock the lock file"), .directoryInUse),
            (62, line("Wrong mongod version"), .binaryUnsuitable),
            (14, line("unsupported WiredTiger file version"), .binaryUnsuitable),
            (14, line("WT_TRY_SALVAGE: database corruption detected"), .startFailed),
            (14, line("No space left on device"), .diskFull), (14, line("Disk quota exceeded"), .diskFull),
            (100, line("Attempted to create a lock file on a read-only directory: /d/a/db"), .fileUnwritable),
            (1, line("permissions on /d/a/keyfile are too open"), .fileTooOpen),
            (1, line("Unable to acquire security key[s]"), .startFailed), (1, "", .startFailed),
        ] as [(Int, String, ReplicaKitError.Code)]
    )
    func codes(exit: Int, log: String, code: ReplicaKitError.Code) throws {
        let error = try error(.exited(exit), log: log)
        #expect(error.code == code)
        #expect(error.hint?.isEmpty == false)
        #expect(error.member?.port == 1)
    }

    @Test("by how it ended")
    func endings() throws {
        #expect(try error(.killed(11)).message.contains("was killed by signal 11"))
        #expect(try error(.exited(3)).message.contains("ended with exit code 3"))
        #expect(try error(.timedOut).message.contains("was stopped"))
    }

    @Test("by a disk without room, where there is not even a log")
    func noRoom() throws {
        #expect(try error(.exited(1), free: 0).code == .diskFull)
        #expect(try error(.exited(1), free: nil).code == .startFailed)
    }

    @Test("by the release that ran on the data before")
    func releases() throws {
        #expect(try error(.timedOut, last: MongodVersion(major: 7, minor: 0, patch: 1)).code == .binaryUnsuitable)
        #expect(try error(.timedOut, last: MongodVersion(major: 6, minor: 0, patch: 27)).code == .startFailed)
        #expect(try error(.timedOut, last: MongodVersion(major: 5, minor: 0, patch: 4)).code == .startFailed)
    }

    @Test("with the lines that matter: of the log, and of the output where the log has none")
    func lines() throws {
        let both = try error(
            .exited(1),
            log: Self.line("broken"),
            output: "about to fork child process, waiting\nforked process: 7\n"
        )
        #expect(both.message.hasSuffix("while it was starting:\n  E STORAGE: broken"))
        let output = try error(
            .exited(2),
            log: Self.line("fine", severity: "I"),
            output: "Unrecognized option: foo\nERROR: child process failed, exited with 2\n"
        )
        #expect(output.message.contains("\n  Unrecognized option: foo\n"))
        #expect(!output.message.contains("ERROR: child process failed"))
        let cut = try error(.exited(1), log: Self.line("whole") + #"{"t":{"$date":"x"},"s":"E","msg":"ha"#)
        #expect(cut.message.hasSuffix(":\n  E STORAGE: whole"))
    }
}
