import ReplicaKit
import Testing

@testable import rkctl

@Suite("Editing a spec's text") struct SpecEditorTests {
    private func edit(_ text: String, _ change: SpecEditor.Change) throws -> String {
        try SpecEditor(file: "s.yaml", text: text).applying(change).text
    }

    private static let text = """
        # The set of the shop.
        name: rs0
        members:   # three of them
          - {name: a, host: "127.0.0.1:1"}   # the first

          - name: b
            host: "127.0.0.1:2"
            tags:
              dc: east
          # the last
          - {name: c, host: "127.0.0.1:3"}

        # who runs them
        runtime: {external: {}}
        """

    @Test("A member is added after the last, and comments stay")
    func add() throws {
        let new = MemberSpec(
            name: "d",
            host: MemberAddress(host: "127.0.0.1", port: 4),
            votes: 0,
            hidden: true,
            tags: ["a b": "x: y", "true": "#"]
        )
        let text = try edit(Self.text, .add(new))
        #expect(text.contains("  - {name: c, host: \"127.0.0.1:3\"}\n  - {name: d, host: \"127.0.0.1:4\", votes: 0"))
        #expect(text.split(separator: "\n").filter { $0.contains("#") }.count == 6)
        #expect(try SpecReader(file: "s").read(text).members.last == new)
    }

    @Test("Any member is changed or removed, however it is written", arguments: ["a", "b", "c"])
    func each(name: String) throws {
        let name = MemberName(rawValue: name)
        let spec = try SpecReader(file: "s").read(Self.text)
        var member = try spec.member(name)
        member.priority = 2.5
        #expect(try SpecReader(file: "s").read(edit(Self.text, .set(member))).member(name) == member)
        let without = try edit(Self.text, .remove(name))
        #expect(
            try SpecReader(file: "s").read(without).members.map(\.name)
                == spec.members.map(\.name).filter { $0 != name }
        )
        #expect(without.contains("# the last"))
        #expect(without.contains("# who runs them"))
    }

    @Test("An item of several lines at the very end")
    func atTheEnd() throws {
        let text = "name: rs0\nmembers:\n- name: a\n  host: 127.0.0.1:1\n- name: b\n  host: 127.0.0.1:2\n  votes: 1"
        #expect(try edit(text, .remove("b")) == "name: rs0\nmembers:\n- name: a\n  host: 127.0.0.1:1")
        let new = MemberSpec(name: "c", host: MemberAddress(host: "127.0.0.1", port: 3))
        #expect(try edit(text, .add(new)).hasSuffix("\n- {name: c, host: \"127.0.0.1:3\"}"))
    }

    @Test("What it cannot edit it leaves, and says what to write")
    func flowStyle() throws {
        let text = "name: rs0\nmembers: [{name: a, host: 127.0.0.1:1}, {name: b, host: 127.0.0.1:2}]\n"
        let new = MemberSpec(name: "c", host: MemberAddress(host: "127.0.0.1", port: 3))
        #expect {
            try edit(text, .add(new))
        } throws: { error in
            let error = error as? ReplicaKitError
            return error?.code == .invalidSpec && error?.hint?.contains("- {name: c, host: \"127.0.0.1:3\"}") == true
        }
    }

    @Test("A name or an address that is taken is refused")
    func taken() throws {
        for host in ["127.0.0.1:1", "127.0.0.1:9"] {
            let name: MemberName = host.hasSuffix("9") ? "a" : "z"
            let new = MemberSpec(name: name, host: try MemberAddress(host))
            #expect(throws: ReplicaKitError.self) { try edit(Self.text, .add(new)) }
        }
    }
}
