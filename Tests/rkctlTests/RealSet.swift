import Foundation
import TestSupport
import Testing

/// A spec of three members on real servers, in a directory of its own.
enum RealSet {
    /// As ``with(_:)``, when it is the test's turn: for what keeps the servers busy.
    static func inTurn(_ body: (Tool) async throws -> Void) async throws {
        try await ServerSlots.with(3) { try await with(body) }
    }

    /// Writes the spec, lends it, and removes what was made.
    static func with(_ body: (Tool) async throws -> Void) async throws {
        let mongod = try RealServers.mongod()
        try await Tool.with { tool in
            let port = try FreePorts.next(3)
            let members = port.enumerated().map { "  - {name: m\($0 + 1), host: \"127.0.0.1:\($1)\"}" }
            try tool.write(
                "name: rs0\nmembers:\n\(members.joined(separator: "\n"))\n"
                    + "runtime: {process: {mongod: \(mongod), cacheSizeMB: 256}}\n",
                to: "replicaset.yaml"
            )
            do {
                try await body(tool)
            } catch {
                try await tool.run("down", "--volumes", "--yes")
                throw error
            }
            #expect(try await tool.run("down", "--volumes", "--yes").status == 0)
        }
    }
}

extension Tool {
    /// Asks an independent client of the set that the spec describes; `c` is one of the whole set.
    func judge<Answer: Decodable & Sendable>(_ script: String, as answer: Answer.Type) async throws -> Answer {
        let spec = try String(contentsOf: directory.appending(path: "replicaset.yaml"), encoding: .utf8)
        let hosts = spec.matches(of: /host: "(127\.0\.0\.1:\d+)"/).map { String($0.output.1) }
        let password = try String(
            contentsOf: directory.appending(path: "secrets/admin-password"),
            encoding: .utf8
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let uri = "mongodb://admin:\(password)@\(hosts.joined(separator: ","))/?replicaSet=rs0&authSource=admin"
        return try await Judge.ask(
            "import pymongo\nc = pymongo.MongoClient(input[\"uri\"])\n\(script)",
            input: ["uri": uri],
            as: answer
        )
    }
}
