import ArgumentParser
import ReplicaKit
import Testing

@testable import rkctl

@Suite("Output")
struct OutputTests {
    @Test("An error is JSON of one shape, every key there")
    func errorJSON() throws {
        let full = ReplicaKitError(
            .notPrimary,
            "cannot write",
            member: MemberAddress(host: "a", port: 1),
            server: .init(code: 10107, codeName: "NotWritablePrimary", message: "not primary"),
            hint: "Ask the primary."
        )
        #expect(
            try full.json.extendedJSON() == """
                {"error":{"code":"server.notPrimary","message":"cannot write","member":"a:1","server":{"code":10107,\
                "codeName":"NotWritablePrimary","message":"not primary"},"hint":"Ask the primary."}}
                """
        )
        #expect(
            try ReplicaKitError(.refused, "no").json.extendedJSON()
                == #"{"error":{"code":"plan.refused","message":"no","member":null,"server":null,"hint":null}}"#
        )
    }

    @Test("An error for people names the member once and quotes the server")
    func errorText() {
        let paint = Paint(isOn: false)
        let error = ReplicaKitError(
            .notPrimary,
            "cannot write",
            member: MemberAddress(host: "a", port: 1),
            server: .init(code: 10107, codeName: "NotWritablePrimary", message: "not primary"),
            hint: "Ask the primary."
        )
        #expect(
            error.lines(paint) == [
                "error: a:1: cannot write (the server said: not primary [NotWritablePrimary, 10107])",
                "hint: Ask the primary.",
            ]
        )
        let named = ReplicaKitError(.connectionRefused, "a:1 refused", member: MemberAddress(host: "a", port: 1))
        #expect(named.lines(paint) == ["error: a:1 refused"])
        #expect(named.lines(Paint(isOn: true)) == ["\u{1B}[31merror:\u{1B}[0m a:1 refused"])
    }

    @Test(
        "Exit codes by error",
        arguments: [
            (2, [.refused, .locked, .hostUnsupported]),
            (64, [.invalidSpec, .invalidArgument, .unknownMember, .fileTooOpen, .secretMissing, .fileUnreadable]),
            (1, [.fileUnwritable, .invalidBSON, .connectionRefused, .interrupted, .stepTimedOut, .noPrimary]),
        ] as [(Int32, [ReplicaKitError.Code])]
    )
    func exitCodes(expected: Int32, codes: [ReplicaKitError.Code]) {
        for code in codes {
            #expect(ExitCode(for: ReplicaKitError(code, "x")).rawValue == expected)
        }
    }

    @Test(
        "Widths are those of a terminal",
        arguments: [
            ("abc", 3), ("größe", 5), ("gro\u{308}ße", 5), ("東京", 4), ("👍🏽", 2), ("e\u{301}", 1), ("", 0), ("한글", 4),
            ("ａ", 2), ("…", 1), ("→", 1),
        ]
    )
    func widths(text: String, width: Int) {
        #expect(text.displayWidth == width)
        #expect(text.padded(to: 8).displayWidth == 8)
        #expect(text.truncated(to: 3).displayWidth <= 3)
    }

    @Test("A table's columns stand below each other, whatever is in them")
    func table() {
        var table = Table(columns: [.init(title: "MEMBER"), .init(title: "LAG", alignsRight: true), .init(title: "")])
        table.rows = [
            [.init("東京"), .init("0.1 s"), .init("PRIMARY", .green)],
            [.init("m2"), .init("12.0 s"), .init("two\nlines of an error")],
            [.init("m3"), .init("–"), .init("")],
        ]
        #expect(
            table.lines(Paint(isOn: false)) == [
                "MEMBER     LAG",
                "東京     0.1 s  PRIMARY",
                "m2      12.0 s  two lines of an error",
                "m3           –",
            ]
        )
        #expect(table.lines(Paint(isOn: false), width: 24)[2] == "m2      12.0 s  two lin…")
        #expect(table.lines(Paint(isOn: true))[1] == "東京     0.1 s  \u{1B}[32mPRIMARY\u{1B}[0m")
    }
}
