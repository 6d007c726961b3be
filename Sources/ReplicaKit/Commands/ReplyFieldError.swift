/// A field of a reply that is missing or not of the type that the command is documented to answer.
public struct ReplyFieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The keys that lead to the field, outermost first, with array indexes as decimal strings.
    public var path: [String]
    /// What the field should be, such as `a date`.
    public var expected: String
    /// The alias of the BSON type that was found; `nil` when the field is missing.
    public var found: String?

    /// Creates an error.
    public init(path: [String], expected: String, found: String?) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// One clause for people, such as `members.0.state is missing`.
    public var description: String {
        let field = path.joined(separator: ".")
        guard let found else { return "\(field) is missing" }
        return "\(field) is not \(expected) but \(found)"
    }
}
