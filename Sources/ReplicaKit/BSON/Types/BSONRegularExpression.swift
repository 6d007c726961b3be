/// A regular expression in the server's dialect.
public struct BSONRegularExpression: Sendable, Hashable {
    /// The pattern.
    public var pattern: String
    /// The option letters (`i`, `l`, `m`, `s`, `u`, `x`) in alphabetical order.
    public private(set) var options: String

    /// Makes a regular expression; the options are put in the alphabetical order that BSON demands.
    public init(pattern: String, options: String = "") {
        self.pattern = pattern
        self.options = String(options.sorted())
    }
}
