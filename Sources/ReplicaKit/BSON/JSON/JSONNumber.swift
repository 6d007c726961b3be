/// A JSON number, kept as its text so that nothing is lost between reading and printing.
public struct JSONNumber: Sendable, Hashable {
    /// The number as JSON writes it.
    public let text: String
    /// Whether it has neither a fraction nor an exponent.
    public let isInteger: Bool

    /// Makes an integer.
    public init(_ value: some BinaryInteger) {
        text = String(value)
        isInteger = true
    }

    /// Makes a number with a fraction or an exponent, or returns nil for what JSON cannot say: infinities and NaN.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = Self.text(of: value)
        isInteger = false
    }

    /// Takes text that the parser has found to be a JSON number.
    init(parsed text: String, isInteger: Bool) {
        self.text = text
        self.isInteger = isInteger
    }

    /// The shortest text that reads back as the same finite double, always with a fraction or an exponent.
    static func text(of value: Double) -> String {
        // Swift writes a small e; MongoDB's tools write a capital one.
        String(decoding: value.description.utf8.map { $0 == UInt8(ascii: "e") ? UInt8(ascii: "E") : $0 }, as: UTF8.self)
    }

    /// The number as an int64, if it is an integer that fits.
    public var int64Value: Int64? { isInteger ? Int64(text) : nil }

    /// The number as the nearest double.
    public var doubleValue: Double { Double(text) ?? .nan }
}
