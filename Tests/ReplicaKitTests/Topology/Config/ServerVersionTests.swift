import ReplicaKit
import Testing

@Suite("Server versions")
struct ServerVersionTests {
    @Test("Versions are read and written", arguments: ["6.0.5", "7.0.0-rc1", "4.4.29", "8.0.0-alpha-12"])
    func text(_ text: String) throws {
        #expect(try ServerVersion(text).description == text)
    }

    @Test("Two numbers are enough")
    func short() throws {
        #expect(try ServerVersion("6.0") == ServerVersion(6, 0, 0))
    }

    @Test(
        "What is no version is refused",
        arguments: ["", "6", "6.0.5.1", "6.x", "-1.0", "6.0.5-", "6..5", "9999999.0"]
    )
    func refused(_ text: String) {
        #expect(throws: ReplicaKitError.self) { try ServerVersion(text) }
    }

    @Test("Versions are ordered, candidates before their release")
    func order() throws {
        let texts = ["4.4.2", "5.0.4", "6.0.5", "6.0.27", "7.0.0-rc1", "7.0.0-rc10", "7.0.0"]
        let versions = try texts.map { try ServerVersion($0) }
        #expect(versions.reversed().sorted() == versions)
        #expect(try ServerVersion("7.0.0-rc1").isAtLeast(7, 0))
        #expect(!versions[1].isAtLeast(5, 1))
    }
}
