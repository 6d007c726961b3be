import Logging
import ReplicaKit
import ReplicaKitMongo
import TestSupport

/// A spec on loopback with the real driver and host behind it; nothing is made until a test does it.
struct LifecycleFixture: Sendable {
    let members: RealMembers
    let set: ReplicaSet

    static func with<Result: Sendable>(
        members count: Int = 3,
        version: String = RealServers.defaultVersion,
        editing edit: (inout ReplicaSetSpec) throws -> Void = { _ in },
        _ body: (LifecycleFixture) async throws -> Result
    ) async throws -> Result {
        try await RealMembers.with(members: count, version: version, started: false, editing: edit) { members in
            let toolbox = Toolbox(
                driver: LibMongoCDriver(logger: .silent),
                host: members.host,
                logger: .silent
            )
            let set = ReplicaSet(spec: members.spec, baseDirectory: members.directory.path, toolbox: toolbox)
            return try await body(LifecycleFixture(members: members, set: set))
        }
    }

    /// What the judge needs to log in: ports and the password, over standard input only.
    struct Login: Codable, Sendable {
        var ports: [Int]
        var user: String
        var password: String
    }

    func login() throws -> Login {
        Login(
            ports: members.addresses.map(\.port),
            user: set.spec.security.admin.user,
            password: try set.secrets.read(set.spec.security.admin.password).reveal()
        )
    }

    /// Asks Python about each member with a direct connection, as `m[0]`, `m[1]` ….
    func judge<Answer: Decodable & Sendable>(_ script: String, as answer: Answer.Type = Answer.self) async throws
        -> Answer
    {
        let preamble = """
            import pymongo, json
            m = [pymongo.MongoClient("127.0.0.1", p, directConnection=True, serverSelectionTimeoutMS=5000,
                 username=input["user"], password=input["password"]) for p in input["ports"]]

            """
        return try await Judge.ask(preamble + script, input: try login(), as: answer)
    }
}

extension LifecycleFixture {
    /// Inserts documents into `shop.orders` one by one, on one member that is the primary, whatever the set thinks of it.
    ///
    /// - Returns: How many are there then.
    func insert(_ count: Int, on primary: MemberAddress, concern: String) async throws -> Int {
        guard let index = members.addresses.firstIndex(of: primary) else { throw TestFailure("\(primary) is unknown") }
        return try await judge(
            """
            c = m[\(index)].shop.get_collection("orders", write_concern=\(concern))
            for i in range(\(count)): c.insert_one({"i": i})
            result = c.count_documents({})
            """
        )
    }
}

/// What happened in runs, in order.
actor EventLog {
    private(set) var lines: [String] = []

    func add(_ event: PlanEvent) {
        switch event {
        case .began(let plan): lines.append("plan \(plan.steps.map(\.action.kind))")
        case .stepStarted: break
        case .stepNoted(_, let text): lines.append("  \(text)")
        case .stepFinished(let step, let seconds, let held):
            lines.append(
                "\(step.action.description) \((seconds * 100).rounded() / 100) s\(held ? " (already so)" : "")"
            )
        case .stepFailed(let step, let message): lines.append("FAILED \(step.action.description): \(message)")
        case .finished(let seconds): lines.append("done in \((seconds * 100).rounded() / 100) s")
        }
    }
}
