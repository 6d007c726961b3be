import Glibc
import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("TLS on real servers", .realServers("6.0.5", "4.4.2"), .serialized)
struct TLSTests {
    private func driver(
        _ caFile: String,
        client: String? = nil,
        password: String? = nil
    ) throws -> LibMongoCDriver {
        let tls = try TLSConfiguration(
            caFile: caFile,
            clientCertificateKeyFile: client,
            clientCertificatePassword: password.map { Secret($0) }
        )
        return LibMongoCDriver(tls: tls, logger: .silent)
    }

    private func hello(_ driver: LibMongoCDriver, _ address: MemberAddress) async throws {
        let reply = try await driver.run(["hello": 1], at: address)
        #expect(reply["ok"]?.doubleValue == 1)
    }

    @Test("The CA and the client certificate are what it takes", arguments: RealServers.tested)
    func certificates(version: String) async throws {
        try await TemporaryDirectory.with(prefix: "rk-tls") { directory in
            let files = try TestCertificates(in: directory)
            let arguments = [
                "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", files.serverFile, "--tlsCAFile", files.caFile,
            ]
            try await RealMongod.with(version, arguments: arguments) { server in
                let trusting = try driver(files.caFile, client: files.clientFile)
                for host in ["127.0.0.1", "localhost", "::1"] {
                    try await hello(trusting, MemberAddress(host: host, port: server.port))
                }
                try await hello(
                    driver(files.caFile, client: files.encryptedClientFile, password: TestCertificates.keyPassword),
                    server.address
                )

                let untrusted = try await replicaKitError {
                    try await hello(driver(files.strangersCAFile, client: files.clientFile), server.address)
                }
                #expect(untrusted.code == .certificateUntrusted, "\(untrusted)")

                let nameless = try await replicaKitError {
                    try await hello(driver(files.caFile), server.address)
                }
                #expect(nameless.code == .tlsFailed, "\(nameless)")

                let plain = try await replicaKitError { try await hello(.quiet, server.address) }
                #expect(plain.code == .tlsFailed, "\(plain)")
                #expect(plain.message.contains("TLS connections only"))

                let locked = try await replicaKitError {
                    try await hello(
                        driver(files.caFile, client: files.encryptedClientFile, password: "wrong"),
                        server.address
                    )
                }
                #expect(locked.code == .tlsConfiguration, "\(locked)")

                let notACertificate = try await replicaKitError {
                    try await hello(driver(files.caFile, client: server.directory.path("mongod.lock")), server.address)
                }
                #expect(notACertificate.code == .tlsConfiguration, "\(notACertificate)")
            }
        }
    }

    @Test("A certificate for another host is not trusted")
    func otherHost() async throws {
        try await TemporaryDirectory.with(prefix: "rk-tls") { directory in
            let files = try TestCertificates(in: directory)
            let arguments = [
                "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", files.elsewhereFile, "--tlsCAFile", files.caFile,
                "--tlsAllowConnectionsWithoutCertificates",
            ]
            try await RealMongod.with(arguments: arguments) { server in
                for host in ["127.0.0.1", "localhost"] {
                    let error = try await replicaKitError {
                        try await hello(driver(files.caFile), MemberAddress(host: host, port: server.port))
                    }
                    #expect(error.code == .certificateUntrusted, "\(error)")
                    #expect(error.hint?.contains(host) == true)
                }
            }
        }
    }

    @Test("A TLS server that hangs is given up at the deadline, in the handshake and in a call")
    func hanging() async throws {
        let clock = ContinuousClock()
        try await TemporaryDirectory.with(prefix: "rk-tls") { directory in
            let files = try TestCertificates(in: directory)
            let arguments = [
                "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", files.serverFile, "--tlsCAFile", files.caFile,
                "--tlsAllowConnectionsWithoutCertificates",
            ]
            try await RealMongod.with(arguments: arguments) { server in
                let driver = try driver(files.caFile)
                try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                    _ = try await connection.run(["ping": 1], on: "admin", timeout: .seconds(20))
                    try await server.hang()
                    let start = clock.now
                    let call = try await replicaKitError {
                        _ = try await connection.run(["ping": 1], on: "admin", timeout: .milliseconds(300))
                    }
                    #expect(call.code == .connectionTimedOut, "\(call)")
                    #expect(clock.now - start < .seconds(10))
                }
                let start = clock.now
                let opening = try await replicaKitError {
                    try await driver.run(["ping": 1], at: server.address, timeout: .milliseconds(300))
                }
                #expect(opening.code == .connectionTimedOut, "\(opening)")
                let task = Task { try await driver.run(["ping": 1], at: server.address, timeout: .seconds(60)) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(clock.now - start < .seconds(20))
            }
        }
    }

    @Test("A TLS client says that the server is a plain one", arguments: RealServers.tested)
    func plainServer(version: String) async throws {
        try await TemporaryDirectory.with(prefix: "rk-tls") { directory in
            let files = try TestCertificates(in: directory)
            try await RealMongod.with(version) { server in
                let error = try await replicaKitError { try await hello(driver(files.caFile), server.address) }
                #expect(error.code == .tlsFailed, "\(error)")
                #expect(error.hint?.contains("without TLS") == true)
            }
        }
    }

    @Test("A client certificate is a user", arguments: RealServers.tested)
    func x509(version: String) async throws {
        try await TemporaryDirectory.with(prefix: "rk-tls") { directory in
            let files = try TestCertificates(in: directory)
            let arguments = [
                "--auth", "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", files.serverFile, "--tlsCAFile",
                files.caFile, "--setParameter", "authenticationMechanisms=SCRAM-SHA-256,MONGODB-X509",
            ]
            try await RealMongod.with(version, arguments: arguments) { server in
                let driver = try driver(files.caFile, client: files.clientFile)
                let stranger = try await replicaKitError {
                    try await driver.run(["connectionStatus": 1], at: server.address, as: .certificate)
                }
                #expect(stranger.code == .authenticationFailed, "\(stranger)")

                let root: BSONDocument = [
                    "createUser": "root", "pwd": "first", "roles": ["root"], "mechanisms": ["SCRAM-SHA-256"],
                ]
                try await driver.run(root, at: server.address)
                let user: BSONDocument = [
                    "createUser": .string(TestCertificates.clientSubject), "roles": [["role": "root", "db": "admin"]],
                ]
                try await driver.run(user, on: "$external", at: server.address, as: .user("root", "first"))
                let status = try await driver.run(["connectionStatus": 1], at: server.address, as: .certificate)
                #expect(
                    status[path: "authInfo", "authenticatedUsers", "0", "user"]?.stringValue
                        == TestCertificates.clientSubject
                )
                let without = try await replicaKitError {
                    try await LibMongoCDriver.quiet.run(["hello": 1], at: server.address, as: .certificate)
                }
                #expect(without.code == .tlsConfiguration)
            }
        }
    }
}
