/// One thing that is wrong with a spec, and where.
public struct SpecProblem: Sendable, Hashable {
    /// The keys, and the indices of members from 0, that lead to what is wrong: `["members", "1", "host"]`.
    public var path: [String]
    /// What is wrong, for a person.
    public var message: String

    /// Creates a problem.
    public init(_ path: [String], _ message: String) {
        self.path = path
        self.message = message
    }
}

extension SpecProblem: CustomStringConvertible {
    /// `members[1].host: message`.
    public var description: String { path.isEmpty ? message : "\(Self.text(of: path)): \(message)" }

    /// The path as people write it: `members[1].host`.
    public static func text(of path: [String]) -> String {
        path.reduce(into: "") { text, key in
            if Int(key) != nil {
                text += "[\(key)]"
            } else {
                text += text.isEmpty ? key : ".\(key)"
            }
        }
    }
}
