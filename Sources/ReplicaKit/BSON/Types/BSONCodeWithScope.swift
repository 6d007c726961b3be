/// The deprecated JavaScript code with the variables it may use.
public struct BSONCodeWithScope: Sendable, Hashable {
    /// The code.
    public var code: String
    /// The variables and their values.
    public var scope: BSONDocument

    /// Makes code with a scope.
    public init(code: String, scope: BSONDocument) {
        self.code = code
        self.scope = scope
    }
}
