import Glibc
import ReplicaKit
import Testing

@testable import ReplicaKitMongo

@Suite("Failures in the package's words")
struct ErrorTranslatorTests {
    private let address = MemberAddress(host: "db1.example", port: 27017)

    private func translator(_ authentication: MemberAuthentication = .none, secret: String = "") -> ErrorTranslator {
        ErrorTranslator(address: address, authentication: authentication, redactor: Redactor([Secret(secret)]))
    }

    @Test(arguments: [
        (DriverFailure.Kind.timedOut, 0, ReplicaKitError.Code.connectionTimedOut),
        (.hostNotFound, -2, .hostNotFound),
        (.connectFailed, Int(ECONNREFUSED), .connectionRefused),
        (.connectFailed, Int(ETIMEDOUT), .connectionTimedOut),
        (.connectFailed, Int(ENETUNREACH), .connectionFailed),
        (.connectFailed, Int(ENOENT), .connectionFailed),
        (.closed, 0, .connectionClosed),
        (.tlsSettings, 0, .tlsConfiguration),
        (.tlsHandshake, 0, .tlsFailed),
        (.tlsExpected, 0, .tlsFailed),
        (.protocolViolation, 0, .connectionFailed),
        (.unexpectedReply, 0, .unexpectedReply),
        (.authentication, 11, .authenticationFailed),
        (.library, 1, .connectionFailed),
    ])
    func kinds(kind: DriverFailure.Kind, number: Int, code: ReplicaKitError.Code) {
        let error = translator().error(from: DriverFailure(kind, number: number, text: "why"), during: "hello")
        #expect(error.code == code)
        #expect(error.member == address)
        if kind != .unexpectedReply { #expect(error.hint != nil) }
        #expect(!error.message.isEmpty)
    }

    @Test("A socket file that is not there means that nobody listens")
    func missingSocket() throws {
        var translator = translator()
        translator.address = try MemberAddress("/tmp/mongodb-27017.sock")
        let failure = DriverFailure(.connectFailed, number: Int(ENOENT), text: "")
        #expect(translator.error(from: failure, during: "connecting").code == .connectionRefused)
    }

    @Test("What is said of certificates is told from other trouble with TLS")
    func certificates() {
        let untrusted = DriverFailure(
            .tlsHandshake,
            number: 1,
            text: "TLS handshake failed: certificate verify failed (64): IP address mismatch"
        )
        let error = translator().error(from: untrusted, during: "connecting")
        #expect(error.code == .certificateUntrusted)
        #expect(error.hint?.contains("db1.example") == true)
        let other = DriverFailure(.tlsHandshake, number: 1, text: "TLS handshake failed: no shared cipher")
        #expect(translator().error(from: other, during: "connecting").code == .tlsFailed)
    }

    @Test(arguments: [
        (13, ReplicaKitError.Code.notAuthorized), (18, .authenticationFailed), (50, .serverTimedOut),
        (262, .serverTimedOut), (64, .writeConcernFailed), (79, .writeConcernFailed), (100, .writeConcernFailed),
        (91, .connectionClosed), (11600, .connectionClosed), (189, .notPrimary), (10058, .notPrimary),
        (10107, .notPrimary), (11602, .notPrimary), (13435, .notPrimary), (13436, .notPrimary), (59, .commandFailed),
        (11000, .commandFailed), (0, .commandFailed), (123456, .commandFailed),
    ])
    func serverCodes(number: Int, code: ReplicaKitError.Code) throws {
        let reply: BSONDocument = [
            "ok": 0.0, "errmsg": "no", "code": .int32(Int32(number)), "codeName": "Name", "errorLabels": ["A", "B"],
        ]
        let failure = DriverFailure(.server, number: number, text: "libmongoc's words", reply: reply)
        let error = translator().error(from: failure, during: "doIt")
        #expect(error.code == code)
        #expect(error.server == .init(code: number, codeName: "Name", message: "no", labels: ["A", "B"]))
        #expect(error.message == "doIt failed: no")
        #expect(failure.endsConnection == (code == .connectionClosed))
    }

    @Test("The same failure of authentication is another error for a keyfile")
    func authentication() {
        let reply: BSONDocument = [
            "ok": 0.0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed",
        ]
        let failure = DriverFailure(.authentication, number: 11, text: "Authentication failed.", reply: reply)
        let user = MemberAuthentication.password(Credential(user: "admin", password: Secret("secret")))
        let wrong = translator(user).error(from: failure, during: "connecting")
        #expect(wrong.code == .authenticationFailed)
        #expect(wrong.message.contains("admin"))
        #expect(wrong.server?.code == 18)
        let keyFile = translator(.keyFile(Secret("key"))).error(from: failure, during: "connecting")
        #expect(keyFile.code == .keyFileMismatch)
        #expect(keyFile.server?.codeName == "AuthenticationFailed")
        #expect(translator(.certificate).error(from: failure, during: "connecting").code == .authenticationFailed)
    }

    @Test("A secret in what a server or library says goes no further")
    func secrets() {
        let translator = translator(secret: "hunter2")
        let reply: BSONDocument = ["ok": 0.0, "errmsg": "bad value hunter2", "code": 2]
        for kind in DriverFailure.Kind.allCases {
            for reply in [nil, reply] {
                let failure = DriverFailure(kind, text: "with hunter2 inside", reply: reply)
                let error = translator.error(from: failure, during: "doIt")
                var dumped = ""
                dump(error, to: &dumped)
                #expect(!(dumped + "\(error)").contains("hunter2"), "\(kind)")
            }
        }
    }
}

@Suite("Replies that report failures")
struct ServerReplyTests {
    @Test func success() {
        #expect(ServerReply(["ok": 1.0, "n": 1]).failure == nil)
        #expect(ServerReply(["ok": true]).failure == nil)
        #expect(ServerReply(["n": 1]).failure == nil)
        #expect(ServerReply(["ok": 1, "writeErrors": []]).failure == nil)
    }

    @Test func writeErrors() {
        let reply: BSONDocument = [
            "ok": 1.0, "n": 1,
            "writeErrors": [
                ["index": 1, "code": 11000, "errmsg": "E11000 duplicate"],
                ["index": 2, "code": 121, "errmsg": "other"],
            ],
            "writeConcernError": ["code": 64, "errmsg": "late"], "errorLabels": ["L"],
        ]
        let expected = ReplicaKitError.ServerError(
            code: 11000,
            codeName: "DuplicateKey",
            message: "E11000 duplicate",
            labels: ["L"]
        )
        #expect(ServerReply(reply).failure == .write(expected, count: 2))
        #expect(ServerReply(reply).writeFailure == .write(expected, count: 2))
    }

    @Test func writeConcern() {
        let reply: BSONDocument = ["ok": 1, "writeConcernError": ["code": 64, "errmsg": "late"]]
        let expected = ReplicaKitError.ServerError(code: 64, codeName: "WriteConcernFailed", message: "late")
        #expect(ServerReply(reply).failure == .writeConcern(expected))
    }

    @Test func failedCommandComesFirst() {
        let reply: BSONDocument = ["ok": 0, "errmsg": "no", "writeErrors": [["code": 1]]]
        #expect(ServerReply(reply).failure == .command(.init(code: 0, codeName: "", message: "no")))
        #expect(ServerReply(reply).writeFailure == nil)
    }
}
