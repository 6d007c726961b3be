public import Logging
public import ReplicaKit
public import ReplicaKitProcess

/// Members of a set on loopback, with real `mongod` processes, in a directory of their own.
public struct RealMembers: Sendable {
    /// The set.
    public let spec: ReplicaSetSpec
    /// What runs them.
    public let host: LocalProcessHost
    /// The keyfile's content.
    public let keyFile: Secret
    /// The directory that the spec's relative paths start from.
    public let directory: TemporaryDirectory

    /// The members' names, in the order of the spec.
    public var names: [MemberName] { spec.members.map(\.name) }
    /// The members' addresses, in the order of the spec.
    public var addresses: [MemberAddress] { spec.members.map(\.host) }

    /// A keyfile's content: 96 random characters that a server takes.
    public static func makeKeyFile() -> Secret {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return Secret(String((0..<96).map { _ in alphabet[Int.random(in: alphabet.indices)] }))
    }

    /// A spec of members named `a`, `b`, `c` … on free ports of 127.0.0.1, with small caches and oplogs.
    ///
    /// Test commands are on, for fail points. Signing in is hashed as little as servers allow: elsewhere it takes a third
    /// of all that tests compute. Election and quiesce times are the server's own.
    public static func makeSpec(
        members count: Int = 1,
        version: String = RealServers.defaultVersion,
        name: ReplicaSetName = "rs-test",
        parameters: [String: String] = ["enableTestCommands": "1", "scramSHA256IterationCount": "5000"]
    ) throws -> ReplicaSetSpec {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let members = try FreePorts.next(count).enumerated().map { index, port in
            MemberSpec(
                name: MemberName(rawValue: String(letters[index % letters.count])),
                host: MemberAddress(host: "127.0.0.1", port: port)
            )
        }
        let runtime = ProcessRuntime(
            directory: "data",
            mongod: try RealServers.mongod(version),
            cacheSizeMB: 256,
            oplogSizeMB: 64,
            parameters: parameters
        )
        return ReplicaSetSpec(name: name, members: members, runtime: .process(runtime))
    }

    /// Creates members, starts them unless told otherwise, lends them to `body`, and ends and removes all of it,
    /// whether `body` returns, throws or is cancelled.
    ///
    /// The members are processes with a keyfile, not yet a set: initiating it is up to the test. Only so many run at
    /// the same time: the test waits its turn.
    public static func with<Result: Sendable>(
        members count: Int = 1,
        version: String = RealServers.defaultVersion,
        started: Bool = true,
        clock: any Clock<Duration> = ContinuousClock(),
        editing edit: (inout ReplicaSetSpec) throws -> Void = { _ in },
        _ body: (RealMembers) async throws -> Result
    ) async throws -> Result {
        var spec = try makeSpec(members: count, version: version)
        try edit(&spec)
        return try await ServerSlots.with(count) {
            try await TemporaryDirectory.with { directory in
                let host = try LocalProcessHost(
                    spec: spec,
                    baseDirectory: directory.path,
                    logger: .silent,
                    clock: clock
                )
                let members = RealMembers(spec: spec, host: host, keyFile: makeKeyFile(), directory: directory)
                return try await cleaningUp(members) {
                    if started { try await members.createAndStart() }
                    return try await body(members)
                }
            }
        }
    }

    /// Creates and starts all members, at the same time.
    public func createAndStart() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    try await host.create(name, keyFile: keyFile)
                    try await host.start(name)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Kills what runs. In a task of its own: that of a cancelled test could not wait for anything.
    public func killAll() async {
        await Task {
            for name in names { _ = try? await host.stop(name, grace: .zero) }
        }.value
    }

    private static func cleaningUp<Result>(
        _ members: RealMembers,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body()
            await members.killAll()
            return result
        } catch {
            await members.killAll()
            throw error
        }
    }
}

extension Logger {
    /// A logger that drops everything.
    public static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
