import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Authentication on real servers", .realServers("6.0.5", "4.4.2"), .serialized)
struct AuthenticationTests {
    private let driver = LibMongoCDriver.quiet

    private func whoAmI(
        _ address: MemberAddress,
        as authentication: MemberAuthentication
    ) async throws -> String? {
        let status = try await driver.run(["connectionStatus": 1], at: address, as: authentication)
        return status[path: "authInfo", "authenticatedUsers", "0", "user"]?.stringValue
    }

    @Test("Users are known by SCRAM, whichever mechanism they have", arguments: RealServers.tested)
    func scram(version: String) async throws {
        try await RealMongod.with(version, arguments: ["--auth"]) { server in
            // The localhost exception: no authentication, no user yet.
            try await server.createUser("root", password: "first")
            let root = MemberAuthentication.user("root", "first")
            for mechanism in ["SCRAM-SHA-1", "SCRAM-SHA-256"] {
                try await server.createUser(mechanism, password: "pässword", mechanisms: [mechanism], as: root)
                #expect(try await whoAmI(server.address, as: .user(mechanism, "pässword")) == mechanism)
            }
            #expect(try await whoAmI(server.address, as: root) == "root")

            let wrong = try await replicaKitError { _ = try await whoAmI(server.address, as: .user("root", "second")) }
            #expect(wrong.code == .authenticationFailed)
            #expect(wrong.server?.code == 18)
            #expect(wrong.server?.codeName == "AuthenticationFailed")
            #expect(wrong.server?.message == "Authentication failed.")
            #expect(wrong.member == server.address)
            #expect(wrong.hint != nil)
            let unknown = try await replicaKitError { _ = try await whoAmI(server.address, as: .user("nobody", "x")) }
            #expect(unknown.code == .authenticationFailed)
            let elsewhere = try await replicaKitError {
                _ = try await whoAmI(server.address, as: .user("root", "first", source: "test"))
            }
            #expect(elsewhere.code == .authenticationFailed)
            let anonymous = try await replicaKitError {
                try await driver.run(["listDatabases": 1], at: server.address)
            }
            #expect(anonymous.code == .notAuthorized)
            #expect([13, 18].contains(anonymous.server?.code))
        }
    }

    @Test("Passwords may be anything that SCRAM allows", arguments: RealServers.tested)
    func passwords(version: String) async throws {
        let passwords = [
            "p@ss:w/rd?#[]%&=+ ,", "100%25", "quo\"te'back\\slash$", "ⅸ and Ⅸ", "soft\u{00AD}hyphen", "é e\u{301}",
            "no\u{00A0}break", " spaces around ", String(repeating: "long", count: 250), "a",
        ]
        try await RealMongod.with(version, arguments: ["--auth"]) { server in
            try await server.createUser("root", password: "first")
            for (index, password) in passwords.enumerated() {
                let name = "user:\(index)@/%ü"
                try await server.createUser(name, password: password, as: .user("root", "first"))
                #expect(try await whoAmI(server.address, as: .user(name, password)) == name, "\(password)")
                await #expect(throws: ReplicaKitError.self, "\(password)") {
                    try await whoAmI(server.address, as: .user(name, password + "x"))
                }
            }
            // What the server's preparation of text makes equal.
            #expect(try await whoAmI(server.address, as: .user("user:4@/%ü", "softhyphen")) == "user:4@/%ü")
            for bad in ["line\nfeed", "smile 😀", "nul\0", ""] {
                let error = try await replicaKitError {
                    _ = try await whoAmI(server.address, as: .user("root", bad))
                }
                #expect([.authenticationFailed, .invalidArgument].contains(error.code), "\(bad): \(error)")
            }
        }
    }

    @Test("The keyfile's user is a member of the set to the others", arguments: RealServers.tested)
    func keyFile(version: String) async throws {
        try await RealMongod.with(version, files: RealMongod.keyFile) { server in
            let secret = Secret(RealMongod.keyFileText)
            #expect(try await whoAmI(server.address, as: .keyFile(secret)) == "__system")
            let error = try await replicaKitError {
                _ = try await whoAmI(server.address, as: .keyFile(Secret("b3RoZXI")))
            }
            #expect(error.code == .keyFileMismatch)
            #expect(error.server?.code == 18)
            // The localhost exception holds until there is a user.
            try await server.createUser("root", password: "first")
            let second = try await replicaKitError { try await server.createUser("second", password: "x") }
            #expect(second.code == .notAuthorized)
        }
    }
}

extension RealServers {
    /// The versions that the driver's tests run on.
    static let tested = ["6.0.5", "4.4.2"]
}
