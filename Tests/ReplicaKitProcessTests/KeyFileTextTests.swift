import Testing

@testable import ReplicaKit
@testable import ReplicaKitProcess

@Suite("A keyfile's content")
struct KeyFileTextTests {
    @Test(
        "is taken as mongod takes it",
        arguments: [
            "abcdef", "AZaz09+/=\n", "abc\ndef\n", "a b c d e f", "- abcdef\n- ghijkl\n", "- \"abcdef\"",
            "# old\nabcdef",
        ]
    )
    func good(text: String) { #expect(KeyFileText.problem(in: text) == nil) }

    @Test(
        "is refused without being quoted",
        arguments: ["", "abc", "abcdef!", "schlüssel", "- abcdef\n- x\n", "abc\0def"]
    )
    func bad(text: String) throws {
        let problem = try #require(KeyFileText.problem(in: text))
        #expect(text.isEmpty || !problem.contains(text))
    }

    @Test("is taken out of what a server says")
    func redaction() {
        #expect(
            KeyFileText.redacted("I ACCESS: x {errmsg: \"invalid char in key file /k: s3cr3t!\"}")
                == "I ACCESS: x {errmsg: \"invalid char in key file <redacted>"
        )
        #expect(KeyFileText.redacted("harmless") == "harmless")
    }
}
