/// Any JSON value, kept to be shown.
package enum JSONText: Sendable, Hashable, Decodable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([String: JSONText])

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONText].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONText].self))
        }
    }

    /// The value of a key of an object.
    package subscript(_ key: String) -> JSONText? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The number, when it is a whole one.
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The text, when it is one.
    package var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The value for a person, keys in alphabetical order: `{code: 2, error: "…"}`.
    package var rendered: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string(let value): "\"\(value)\""
        case .array(let values): "[" + values.map(\.rendered).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.rendered)" }.joined(separator: ", ")
                + "}"
        }
    }
}
