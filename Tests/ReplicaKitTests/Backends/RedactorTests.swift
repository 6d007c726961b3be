import Testing

@testable import ReplicaKit

@Suite struct RedactorTests {
    @Test(arguments: [
        ("wrong password hunter2!", "wrong password <redacted>!"),
        ("hunter2hunter2", "<redacted><redacted>"),
        ("nothing of it", "nothing of it"),
        ("", ""),
    ])
    func secretsAreTakenOut(text: String, expected: String) {
        #expect(Redactor([Secret("hunter2")]).redact(text) == expected)
    }

    @Test func everySecretIsTakenOut() {
        #expect(Redactor([Secret("first"), Secret("second")]).redact("first, second") == "<redacted>, <redacted>")
    }

    @Test func shortSecretsWouldShowByTheirGaps() {
        #expect(Redactor([Secret("e"), Secret("")]).redact("the member") == "the member")
    }
}
