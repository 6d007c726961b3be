import Foundation
import Logging
import NIOCore
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitMonitor

/// E-mail to a real mail server, with real TLS.
@Suite("Alerts by e-mail", .receivers, .timeLimit(.minutes(20)))
struct EmailTests {
    /// A mail server, its certificates, and somebody who sends to it.
    private struct Post {
        let server: PythonServer
        let certificates: TestCertificates
        let directory: TemporaryDirectory

        func send(
            _ notification: AlertNotification = AlertFixtures.notification([AlertFixtures.alert()]),
            to: [String] = ["ops@example.com"],
            host: String = "127.0.0.1",
            password: String? = "pässword",
            encryption: AlertReceiver.Email.Encryption = .startTLS,
            caFile: String? = nil
        ) async throws -> String {
            let file = directory.path("mail-password")
            try Data((password ?? "").utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let email = AlertReceiver.Email(
                smtp: "\(host):\(server.port)",
                from: "robot@example.com",
                to: to,
                encryption: encryption,
                user: password.map { _ in "robot" },
                password: password.map { _ in .file("mail-password") },
                caFile: caFile ?? certificates.caFile
            )
            let sender = EmailSender(
                email: email,
                secrets: SecretStore(baseDirectory: directory.path),
                timeout: .seconds(60),
                now: { Date(timeIntervalSince1970: AlertFixtures.noon) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            // Not a matter of speed: all tests begin at the same time.
            var route = AlertFixtures.route(receiver: .email(email))
            route.timeoutSeconds = 120
            return try await sender.deliver(
                notification,
                to: route,
                clock: ContinuousClock()
            )
        }
    }

    private static func with(
        _ mode: String,
        excluding mechanism: String = "",
        _ body: (Post) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory async throws in
            let certificates = try TestCertificates(in: directory)
            try await PythonServer.with(mailReceiver, [mode, certificates.memberFile, mechanism]) {
                server async throws in
                try await body(Post(server: server, certificates: certificates, directory: directory))
            }
        }
    }

    @Test("By STARTTLS, with a login, to all recipients", arguments: ["LOGIN", "PLAIN"])
    func startTLS(excluded: String) async throws {
        try await Self.with("starttls", excluding: excluded) { post async throws in
            for host in ["127.0.0.1", "localhost"] {
                let answer = try await post.send(to: ["a@example.com", "b@example.com"], host: host)
                #expect(answer == "250 2.0.0 queued")
            }
            let mail = try #require(try post.server.received().first)
            #expect(mail["encrypted"]?.boolValue == true && mail["user"]?.stringValue == "robot")
            #expect(mail["from"]?.stringValue == "robot@example.com")
            #expect(mail["to"]?.arrayValue?.count == 2)
            let text = try #require(mail["data"]?.stringValue)
            #expect(text.contains("Subject: [P1] orders: m1: the file system of its data is full by 91 % (limit 90 %)"))
            #expect(text.contains("to do: rkctl diagnose disk"))
        }
    }

    @Test("With TLS from the first byte, and without any")
    func otherEncryption() async throws {
        try await Self.with("implicit") { post async throws in
            #expect(try await post.send(encryption: .implicit) == "250 2.0.0 queued")
        }
        try await Self.with("plain") { post async throws in
            #expect(try await post.send(password: nil, encryption: .none) == "250 2.0.0 queued")
            #expect(try post.server.received().first?["encrypted"]?.boolValue == false)
        }
    }

    @Test("What people wrote arrives as it was, whatever is in it")
    func content() async throws {
        try await Self.with("plain") { post async throws in
            let message =
                "größe = 100 %\r\n.\r\nBcc: eve@example.com\n..two dots " + String(repeating: "lang ", count: 60)
            let alert = AlertFixtures.alert(AlertFixtures.finding(message: message))
            _ = try await post.send(AlertFixtures.notification([alert]), password: nil, encryption: .none)
            let mail = try #require(try post.server.received().first)
            let raw = try #require(mail["data"]?.stringValue)
            struct Parsed: Decodable {
                var subject: String
                var body: String
                var headers: [String]
                var longest: Int
                var isASCII: Bool
            }
            let parsed = try await Judge.ask(
                """
                import email, email.policy
                raw = input["raw"]
                message = email.message_from_string(raw, policy=email.policy.default)
                result = {"subject": message["subject"], "body": message.get_content().replace("\\r\\n", "\\n"), "headers": message.keys(),
                          "longest": max(map(len, raw.splitlines())), "isASCII": raw.isascii()}
                """,
                input: ["raw": raw],
                as: Parsed.self
            )
            let body = parsed.body.replacing("\r\n", with: "\n")
            #expect(body.contains("größe = 100 %\n.\nBcc: eve@example.com\n..two dots lang"))
            #expect(parsed.subject.hasPrefix("[P1] orders: m1: größe = 100 % . Bcc: eve@example.com ..two dots"))
            #expect(!parsed.headers.contains("Bcc"))
            #expect(parsed.isASCII && parsed.longest <= 998)
        }
    }

    @Test("A wrong password, a refused recipient, and one that must wait")
    func refusals() async throws {
        try await Self.with("starttls") { post async throws in
            let wrong = await #expect(throws: DeliveryFailure.self) { try await post.send(password: "wr0ng-one") }
            #expect(wrong?.isPermanent == true)
            #expect(wrong?.message.contains("the login of robot") == true)
            #expect(wrong?.message.contains("wr0ng-one") == false)
            let unknown = await #expect(throws: DeliveryFailure.self) {
                try await post.send(to: ["unknown@example.com"])
            }
            #expect(unknown?.isPermanent == true && unknown?.message.contains("no such user") == true)
            let busy = await #expect(throws: DeliveryFailure.self) { try await post.send(to: ["busy@example.com"]) }
            #expect(busy?.isPermanent == false)
            #expect(try post.server.received().isEmpty)
            let some = try await post.send(to: ["unknown@example.com", "b@example.com"])
            #expect(some.contains("refused: unknown@example.com: 550"))
            #expect(try post.server.received().count == 1)
        }
    }

    @Test("A certificate of nobody we trust, and no TLS where it must be: nothing is sent")
    func untrusted() async throws {
        try await Self.with("starttls") { post async throws in
            let other = await #expect(throws: DeliveryFailure.self) {
                try await post.send(caFile: post.certificates.otherCAFile)
            }
            #expect(other?.message.contains("TLS failed") == true, "\(String(describing: other))")
            #expect(try post.server.received().isEmpty)
        }
        try await Self.with("plain") { post async throws in
            let none = await #expect(throws: DeliveryFailure.self) { try await post.send() }
            #expect(none?.message.contains("STARTTLS") == true && none?.isPermanent == true)
            let bare = await #expect(throws: DeliveryFailure.self) { try await post.send(encryption: .none) }
            #expect(bare?.message.contains("without encryption") == true)
            #expect(try post.server.received().isEmpty)
        }
    }

    @Test(
        "A server that is none, is silent, does not end, or slips words in before TLS",
        arguments: ["garbage", "endless", "inject"]
    )
    func liars(mode: String) async throws {
        try await Self.with(mode) { post async throws in
            let error = await #expect(throws: DeliveryFailure.self) { try await post.send() }
            let words = ["garbage": "no reply of a mail server", "endless": "does not end", "inject": "in the clear"]
            #expect(error?.message.contains(words[mode] ?? "?") == true, "\(String(describing: error))")
            // Neither a user nor a password was said.
            #expect(try post.server.received().allSatisfy { $0["line"]?.stringValue?.contains("AUTH") != true })
        }
    }
}

@Suite("Text of e-mail")
struct MailMessageTests {
    @Test("Messages on one alert belong together, and the first is what the others refer to")
    func threads() {
        let first = AlertFixtures.notification([AlertFixtures.alert()])
        let end = AlertFixtures.notification([AlertFixtures.alert(reason: .resolved)])
        let date = Date(timeIntervalSince1970: AlertFixtures.noon)
        let mails = [first, end, first].map { $0.mail(from: "r@example.com", to: ["o@example.com"], at: date) }
        #expect(mails[0].id == mails[2].id && mails[0].references.isEmpty)
        #expect(mails[1].references == [mails[0].id] && mails[1].id != mails[0].id)
        #expect(mails[0].id.hasSuffix("@example.com"))
    }

    @Test("A line that is a dot does not end the message")
    func dots() {
        var mail = AlertFixtures.notification([]).mail(
            from: "r@x.y",
            to: ["o@x.y"],
            at: .init(timeIntervalSince1970: 0)
        )
        mail.body = ".\n..\na.\n"
        #expect(mail.dotStuffed.hasSuffix("\r\n\r\n..\r\n...\r\na.\r\n\r\n."))
    }

    @Test(
        "A header is one line of ASCII, and decodes to what was meant",
        arguments: [
            ("plain", "plain"), ("a\r\nBcc: x", "a Bcc: x"), ("ä", "=?utf-8?B?w6Q=?="), ("=?x", "=?utf-8?B?PT94?="),
        ]
    )
    func headers(text: String, header: String) {
        #expect(MailMessage.headerText(text) == header)
    }

    @Test("Replies are taken whole, one after the other")
    func replies() throws {
        var buffer = ByteBuffer(string: "250-one\r\n250-two\r\n25")
        #expect(try SMTPReply.take(from: &buffer) == nil)
        buffer.writeString("0 three\r\n354 go\r\n")
        #expect(try SMTPReply.take(from: &buffer) == SMTPReply(code: 250, lines: ["one", "two", "three"]))
        #expect(try SMTPReply.take(from: &buffer) == SMTPReply(code: 354, lines: ["go"]))
        #expect(buffer.readableBytes == 0)
        for bad in ["hello\r\n", "99 x\r\n", "2500 x\r\n", "\r\n"] {
            var buffer = ByteBuffer(string: bad)
            #expect(throws: DeliveryFailure.self) { try SMTPReply.take(from: &buffer) }
        }
    }
}
