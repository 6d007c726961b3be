import Foundation
import Glibc
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

/// Every way in which a start fails, provoked for real.
@Suite("What a start can fail of")
struct StartErrorTests {
    @Test("a port that another program listens on", .realServers())
    func portTaken() async throws {
        try await RealMembers.with(started: false) { members in
            let listener = try Listener(port: members.addresses[0].port)
            try await members.host.create("a", keyFile: members.keyFile)
            let error = try await failure(.portInUse) { try await members.host.start("a") }
            #expect(error.message.contains("port \(listener.port)"))
            #expect(error.message.contains("process \(getpid()) ("))
            #expect(error.member == members.addresses[0])
            #expect(try await members.host.state(of: "a") == .stopped(.unseen))
            withExtendedLifetime(listener) {}
        }
    }

    @Test("a port that another set's member listens on", .realServers())
    func portTakenByMember() async throws {
        try await RealMembers.with { first in
            try await RealMembers.with(started: false, editing: { $0.members = first.spec.members }) { second in
                try await second.host.create("a", keyFile: second.keyFile)
                let error = try await failure(.portInUse) { try await second.host.start("a") }
                #expect(error.message.contains("(mongod)"))
            }
        }
    }

    @Test("a mongod that loses its port only as it starts", .realServers())
    func portLostLater() async throws {
        // Our own check sees nothing wrong; the server is told another port by its wrapper.
        let listener = try Listener()
        try await RealMembers.with(started: false) { members in
            let real = try RealServers.mongod()
            try members.directory.writeScript(
                "mongod",
                """
                if [ "$1" = --version ]; then exec \(real) --version; fi
                exec \(real) "$@" --port \(listener.port)
                """
            )
            let host = try members.host(mongod: "./mongod")
            try await host.create("a", keyFile: members.keyFile)
            _ = try await failure(.portInUse) { try await host.start("a") }
            #expect(try await host.state(of: "a") == .stopped(.code(48)))
        }
        withExtendedLifetime(listener) {}
    }

    @Test("an address that is not this machine's", .realServers())
    func foreignAddress() async throws {
        let elsewhere = MemberAddress(host: "192.0.2.1", port: try FreePorts.next())
        try await RealMembers.with(started: false, editing: { $0.members[0].host = elsewhere }) { members in
            try await members.host.create("a", keyFile: members.keyFile)
            let error = try await failure(.startFailed) { try await members.host.start("a") }
            #expect(error.message.contains("192.0.2.1 is not an address of this machine"))
        }
    }

    @Test("no mongod, or something else of that name")
    func binary() async throws {
        try await RealMembers.with(started: false, editing: { $0.runtime = .process(ProcessRuntime()) }) { members in
            let missing = try members.host(mongod: "bin/mongod")
            try await missing.create("a", keyFile: members.keyFile)
            _ = try await failure(.binaryNotFound) { try await missing.start("a") }
            try members.directory.writeScript("mongod", "echo I am a script")
            let error = try await failure(.binaryUnsuitable) { try await members.host(mongod: "./mongod").start("a") }
            #expect(error.message.contains("I am a script"))
        }
    }

    @Test("data files that another mongod has open", .realServers())
    func dataFilesOpen() async throws {
        try await RealMembers.with { members in
            let copy = members.directory.path("copy.conf")
            let paths = try members.host.directory(of: "a").paths
            _ = try await members.host.stop("a", grace: .seconds(30))
            let other = try FreePorts.next()
            let text = try readSmallFile(paths.config)
                .replacing("port: \(members.addresses[0].port)", with: "port: \(other)")
                .replacing(paths.pidFile, with: members.directory.path("other.pid"))
                .replacing(paths.log, with: members.directory.path("other.log"))
            try Data(text.utf8).write(to: URL(filePath: copy))
            let started = try await runProcess(
                try RealServers.mongod(),
                ["--config", copy],
                deadline: .seconds(60),
                clock: ContinuousClock()
            )
            #expect(started.status == .exited(0))
            let pid = try #require(Int32(try members.directory.text("other.pid").split(separator: "\n")[0]))
            defer { kill(pid, SIGKILL) }
            let error = try await failure(.directoryInUse) { try await members.host.start("a") }
            #expect(error.message.contains("process \(pid) (mongod)"))
        }
    }

    @Test("damaged data files: with the lines of the log that tell", .realServers())
    func damagedData() async throws {
        try await RealMembers.with { members in
            _ = try await members.host.stop("a", grace: .seconds(30))
            let file = try members.host.directory(of: "a").paths.database + "/WiredTiger.wt"
            try Data((0..<4096).map { _ in UInt8.random(in: .min ... .max) }).write(to: URL(filePath: file))
            let error = try await failure(.startFailed) { try await members.host.start("a") }
            #expect(error.message.contains("exit code 14"))
            #expect(error.message.contains("WiredTiger.wt is corrupted"), "\(error.message)")
            #expect(error.hint?.contains("--repair") == true)
            #expect(try await members.host.state(of: "a") == .stopped(.code(14)))
        }
    }

    @Test("a keyfile that others can read, or that no server takes", .realServers())
    func keyFile() async throws {
        try await RealMembers.with(started: false) { members in
            _ = try await failure(.invalidArgument) {
                try await members.host.create("a", keyFile: Secret("! not base64 !"))
            }
            try await members.host.create("a", keyFile: members.keyFile)
            let path = try members.host.directory(of: "a").paths.keyFile
            #expect(chmod(path, 0o600) == 0)
            try Data("! not base64 !".utf8).write(to: URL(filePath: path))
            let error = try await failure(.startFailed) { try await members.host.start("a") }
            #expect(error.hint?.contains("base64") == true, "\(error)")
            #expect(!"\(error) \(error.hint ?? "")".contains("not base64 !"))
            chmod(path, 0o440)
            let open = try await failure(.fileTooOpen) { try await members.host.start("a") }
            #expect(open.hint?.contains("chmod 400") == true)
        }
    }

    @Test(
        "settings that mongod refuses",
        .realServers(),
        arguments: [["noSuchParameter": "1"], ["logLevel": "high\nfoo: bar"]]
    )
    func settings(parameters: [String: String]) async throws {
        try await RealMembers.with(
            started: false,
            editing: { $0.runtime = .process(try $0.runtime.process.with(parameters: parameters)) }
        ) { members in
            try await members.host.create("a", keyFile: members.keyFile)
            let error = try await failure(.startFailed) { try await members.host.start("a") }
            #expect(error.message.contains(parameters.keys.first ?? ""), "\(error.message)")
        }
    }

    @Test("a mongod that neither listens nor ends: it is stopped")
    func hanging() async throws {
        try await RealMembers.with(started: false, editing: { $0.runtime = .process(ProcessRuntime()) }) { members in
            try members.directory.writeScript(
                "mongod",
                "[ \"$1\" = --version ] && { echo db version v6.0.5; exit; }; while :; do sleep 1; done"
            )
            let host = try members.host(mongod: "./mongod", startDeadline: .milliseconds(600))
            try await host.create("a", keyFile: members.keyFile)
            let error = try await failure(.startFailed) { try await host.start("a") }
            #expect(error.message.contains("neither listened nor ended"))
            #expect(try host.directory(of: "a").finder.findStarted(since: 0).isEmpty)
        }
    }

    @Test("cancellation: nothing is left running")
    func cancelled() async throws {
        try await RealMembers.with(started: false, editing: { $0.runtime = .process(ProcessRuntime()) }) { members in
            // The daemon that it leaves in the background knows nothing of its parent's end.
            try members.directory.writeScript(
                "mongod",
                """
                [ "$1" = --version ] && { echo db version v6.0.5; exit; }
                [ "$3" = daemon ] && { touch \(members.directory.path)/up; while :; do sleep 1; done; }
                setsid "$0" "$1" "$2" daemon </dev/null >/dev/null 2>&1 &
                wait
                """
            )
            let host = try members.host(mongod: "./mongod")
            try await host.create("a", keyFile: members.keyFile)
            let start = Task { try await host.start("a") }
            let up = try await ContinuousClock().poll(for: .seconds(30), every: .milliseconds(10)) {
                FileStatus(of: members.directory.path("up"))
            }
            #expect(up != nil)
            start.cancel()
            await #expect(throws: CancellationError.self) { try await start.value }
            #expect(try host.directory(of: "a").finder.findStarted(since: 0).isEmpty)
        }
    }

    @Test("a mongod that dies at once, with what it printed")
    func dying() async throws {
        try await RealMembers.with(started: false, editing: { $0.runtime = .process(ProcessRuntime()) }) { members in
            try members.directory.writeScript(
                "mongod",
                "[ \"$1\" = --version ] && { echo db version v6.0.5; exit; }; echo no luck today >&2; exit 7"
            )
            let host = try members.host(mongod: "./mongod")
            try await host.create("a", keyFile: members.keyFile)
            let error = try await failure(.startFailed) { try await host.start("a") }
            #expect(error.message.contains("exit code 7") && error.message.contains("no luck today"))
        }
    }

    @Test(
        "data of another release: one says so, the other hangs for ever",
        .realServers("6.0.5", "4.4.2"),
        arguments: [("4.4.2", "6.0.5"), ("6.0.5", "4.4.2")]
    )
    func otherRelease(first: String, second: String) async throws {
        try await RealMembers.with(version: first) { members in
            let answer: String = try await Judge.ask(
                """
                import pymongo, time
                client = pymongo.MongoClient(input, directConnection=True)
                client.admin.command("replSetInitiate", {"_id": "rs-test", "members": [{"_id": 0, "host": input}]})
                until = time.monotonic() + 60
                while not client.admin.command("hello").get("isWritablePrimary") and time.monotonic() < until:
                    time.sleep(0.05)
                result = client.admin.command("hello")["setName"]
                """,
                input: members.addresses[0].description
            )
            #expect(answer == "rs-test")
            #expect(try await members.host.stop("a", grace: .seconds(60)) == .clean)
            let other = try members.host(mongod: RealServers.mongod(second), startDeadline: .seconds(6))
            let error = try await failure(.binaryUnsuitable) { try await other.start("a") }
            #expect(
                error.hint?.contains("version \(first)") == true && error.hint?.contains(second) == true,
                "\(error)"
            )
            #expect(try other.directory(of: "a").finder.findStarted(since: 0).isEmpty)
            try await members.host.start("a")
        }
    }
}

extension RealMembers {
    /// Another host of the same members, as another program would have it.
    func host(mongod: String, startDeadline: Duration = .seconds(60)) throws -> LocalProcessHost {
        var spec = spec
        var runtime = try spec.runtime.process
        runtime.mongod = mongod
        spec.runtime = .process(runtime)
        return try LocalProcessHost(
            spec: spec,
            baseDirectory: directory.path,
            logger: .silent,
            startDeadline: startDeadline
        )
    }
}

extension Runtime {
    /// The settings of a process runtime.
    var process: ProcessRuntime {
        get throws {
            guard case .process(let runtime) = self else { throw TestFailure("not a process runtime") }
            return runtime
        }
    }
}

extension ProcessRuntime {
    func with(parameters: [String: String]) -> Self {
        var copy = self
        copy.parameters = parameters
        return copy
    }
}
