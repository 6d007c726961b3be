import ReplicaKit
import ReplicaKitTesting

/// A small replica set behind the driver's port: its members answer the real commands from values.
actor FakeSet {
    private let members: [FakeMember]
    private let config: BSONDocument
    private let oplog: [OplogEntry]
    private var answered: [MemberAddress: Int] = [:]
    private var meeting: (needed: Int, waiting: [CheckedContinuation<Void, Never>])?
    private(set) var commands: [(member: MemberAddress, name: String)] = []
    private(set) var connections: [(member: MemberAddress, isLoggedIn: Bool)] = []
    /// Stands still unless the test moves it: only members that hang take time.
    nonisolated let clock = ManualClock()

    /// - Parameter meeting: How many members must have been asked at once before any answers `hello`.
    init(_ members: [FakeMember], config: BSONDocument? = nil, oplog: [OplogEntry] = [], meeting: Int? = nil) {
        self.members = members
        self.config = config ?? Shapes.config(members)
        self.oplog = oplog
        self.meeting = meeting.map { ($0, []) }
    }

    nonisolated var toolbox: Toolbox {
        Toolbox(driver: FakeDriver(set: self), host: ExternalHost(), clock: clock)
    }

    func connect(to address: MemberAddress, isLoggingIn: Bool) throws -> FakeMember {
        guard let member = member(at: address), member.behaviour != .refuses else {
            throw ReplicaKitError(.connectionRefused, "nothing listens", member: address)
        }
        if isLoggingIn, member.behaviour == .refusesLogin {
            throw FakeSet.refusal(address, "Authentication failed.", 18)
        }
        connections.append((address, isLoggingIn))
        return member
    }

    /// The reply, or nil when the member hangs.
    func answer(_ command: BSONDocument, from address: MemberAddress, isLoggedIn: Bool) async throws -> BSONDocument? {
        guard let member = member(at: address), let name = command.keys.first else { return nil }
        commands.append((address, name))
        if case .hangs(let limit) = member.behaviour, answered[address, default: 0] >= limit { return nil }
        answered[address, default: 0] += 1
        if name == "hello" { await meet() }
        if let reply = member.replies[name] {
            guard let code = reply["code"]?.intValue else { return reply }
            throw FakeSet.refusal(address, reply["errmsg"]?.stringValue ?? "", code)
        }
        if !isLoggedIn, member.behaviour == .refusesLogin, name != "hello", name != "buildInfo" {
            throw FakeSet.refusal(address, "command \(name) requires authentication", 13)
        }
        return switch name {
        case "hello": Shapes.hello(member, members: members)
        case "replSetGetStatus" where !member.isInitiated:
            throw FakeSet.refusal(address, "no replset config has been received", 94)
        case "replSetGetConfig" where !member.isInitiated:
            throw FakeSet.refusal(address, "no replset config has been received", 94)
        case "replSetGetStatus": Shapes.status(member, members: members)
        case "replSetGetConfig": ["config": .document(config), "ok": 1.0]
        case "serverStatus": Shapes.serverStatus(member)
        case "buildInfo": ["version": .string(member.version), "ok": 1.0]
        case "find": Shapes.cursor(found(command))
        default: throw FakeSet.refusal(address, "no such command: '\(name)'", 59)
        }
    }

    private func found(_ command: BSONDocument) -> OplogEntry? {
        if let after = command[path: "filter", "ts", "$gt"]?.timestampValue {
            return oplog.first { $0.timestamp > after }
        }
        return command[path: "sort", "$natural"]?.intValue == 1 ? oplog.first : oplog.last
    }

    private func member(at address: MemberAddress) -> FakeMember? {
        members.first { ($0.isAskedAt ?? $0.address) == address || $0.address == address }
    }

    private func meet() async {
        guard let meeting else { return }
        await withCheckedContinuation { here in
            let waiting = meeting.waiting + [here]
            if waiting.count == meeting.needed {
                self.meeting = nil
                for one in waiting { one.resume() }
            } else {
                self.meeting = (meeting.needed, waiting)
            }
        }
    }

    private static func refusal(_ member: MemberAddress, _ text: String, _ code: Int) -> ReplicaKitError {
        let kind: ReplicaKitError.Code =
            switch code {
            case 18: .authenticationFailed
            case 13: .notAuthorized
            default: .commandFailed
            }
        return ReplicaKitError(
            kind,
            text,
            member: member,
            server: ReplicaKitError.ServerError(code: code, codeName: "", message: text)
        )
    }
}

/// The driver of a ``FakeSet``.
struct FakeDriver: MemberDriver {
    let set: FakeSet

    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let isLoggingIn = authentication != .none
        _ = try await set.connect(to: address, isLoggingIn: isLoggingIn)
        return try await body(FakeConnection(address: address, set: set, isLoggedIn: isLoggingIn))
    }
}

/// A connection to a member of a ``FakeSet``.
struct FakeConnection: MemberConnection {
    let address: MemberAddress
    let set: FakeSet
    let isLoggedIn: Bool

    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
        if let reply = try await set.answer(command, from: address, isLoggedIn: isLoggedIn) { return reply }
        try await set.clock.sleep(for: timeout)
        throw ReplicaKitError(.connectionTimedOut, "the member did not answer in time", member: address)
    }

    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor {
        throw ReplicaKitError(.commandFailed, "not here", member: address)
    }

    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int { 0 }
}
