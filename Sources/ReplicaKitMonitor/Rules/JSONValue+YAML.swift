import ReplicaKit

extension JSONValue {
    /// The value in YAML. Texts are in double quotes, which both languages write alike, and keys must be plain words.
    var yaml: String { lines.map { $0 + "\n" }.joined() }

    private var lines: [String] {
        switch self {
        case .object(let object) where !object.members.isEmpty:
            object.members.flatMap { member -> [String] in
                let lines = member.value.lines
                guard member.value.isBlock else { return ["\(member.key): \(lines[0])"] }
                return ["\(member.key):"] + lines.map { "  " + $0 }
            }
        case .array(let values) where !values.isEmpty:
            values.flatMap { value in
                value.lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
            }
        default: [text()]
        }
    }

    private var isBlock: Bool {
        switch self {
        case .object(let object): !object.members.isEmpty
        case .array(let values): !values.isEmpty
        default: false
        }
    }
}
