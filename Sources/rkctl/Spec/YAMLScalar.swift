import Yams

/// What a scalar of YAML means, by the core schema of YAML 1.2.2 (section 10.3.2).
///
/// What YAML 1.1 and 1.2 read differently is refused with a reason, never guessed: `yes`, `010`, `1_000`, `1:30`.
protocol YAMLScalar {
    /// What people call a value of this type.
    static var what: String { get }
    /// The value; `nil` when the text is none.
    static func read(_ text: String, quoted: Bool) -> Self?
}

extension Node.Scalar {
    /// Whether it stands in quotes or is a block: text, whatever it looks like.
    var isQuoted: Bool { style != .plain && style != .any }

    /// Whether it is null: `~`, `null` or nothing.
    var isNull: Bool { !isQuoted && ["", "~", "null", "Null", "NULL"].contains(string) }
}

extension String: YAMLScalar {
    static var what: String { "text" }
    static func read(_ text: String, quoted: Bool) -> String? { text }
}

extension Bool: YAMLScalar {
    static var what: String { "true or false" }
    static func read(_ text: String, quoted: Bool) -> Bool? {
        if quoted { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }
}

extension Int: YAMLScalar {
    static var what: String { "a whole number" }
    static func read(_ text: String, quoted: Bool) -> Int? {
        if quoted { return nil }
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        // 010 is 8 for YAML 1.1 and 10 for YAML 1.2.
        if digits.count > 1, digits.first == "0" { return nil }
        return Int(text)
    }
}

extension Double: YAMLScalar {
    static var what: String { "a number" }
    static func read(_ text: String, quoted: Bool) -> Double? {
        let allowed = "+-.0123456789eE"
        guard !quoted, text.contains(where: \.isNumber), text.allSatisfy({ allowed.contains($0) }) else { return nil }
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        if digits.count > 1, digits.first == "0", digits.dropFirst().first?.isNumber == true { return nil }
        return Double(text)
    }
}
