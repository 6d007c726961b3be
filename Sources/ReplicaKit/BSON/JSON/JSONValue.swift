/// A JSON value whose objects keep the order, and the repetitions, of their keys.
///
/// It is what the Extended JSON parser reads text into, and what prints JSON whose keys must come out in the order
/// in which they were put:
///
/// ```swift
/// let report: JSONValue = ["set": "rs0", "members": [["id": 0, "lagSeconds": 1.5]]]
/// report.text(pretty: true)
/// ```
public enum JSONValue: Sendable, Hashable {
    /// Null.
    case null
    /// True or false.
    case bool(Bool)
    /// A number.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Makes an integer.
    public init(_ value: some BinaryInteger) {
        self = .number(JSONNumber(value))
    }

    /// Makes a number, or null of a double that is infinite or no number, which JSON cannot say.
    public init(_ value: Double) {
        self = JSONNumber(value).map { .number($0) } ?? .null
    }

    /// Makes a string, or null of nil.
    public init(_ value: String?) {
        self = value.map { .string($0) } ?? .null
    }

    /// The value of the first member with the key, if this is an object that has one.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// Prints the value.
    /// - Parameter pretty: whether to put members and elements on lines of their own, indented by two spaces.
    public func text(pretty: Bool = false) -> String {
        var printer = JSONPrinter(pretty: pretty)
        printer.write(self)
        return printer.text
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON on one line.
    public var description: String { text() }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Makes a string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    /// Makes an integer.
    public init(integerLiteral value: Int) {
        self.init(value)
    }
}

extension JSONValue: ExpressibleByFloatLiteral {
    /// Makes a number.
    public init(floatLiteral value: Double) {
        self.init(value)
    }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    /// Makes a boolean.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension JSONValue: ExpressibleByNilLiteral {
    /// Makes null.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// Makes an object with the members in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}
