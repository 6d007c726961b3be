/// Appends JSON to a buffer, token by token, and takes care of commas, indentation and escapes.
struct JSONPrinter {
    private let pretty: Bool
    private var buffer: [UInt8] = []
    private var depth = 0
    /// Whether the innermost open object or array has no members yet.
    private var isFirst = true
    private var isAfterKey = false

    init(pretty: Bool) {
        self.pretty = pretty
    }

    var text: String { String(decoding: buffer, as: UTF8.self) }

    mutating func begin(_ bracket: Unicode.Scalar) {
        beginItem()
        buffer.append(UInt8(ascii: bracket))
        depth += 1
        isFirst = true
    }

    mutating func end(_ bracket: Unicode.Scalar) {
        depth -= 1
        if !isFirst {
            newLine()
        }
        buffer.append(UInt8(ascii: bracket))
        isFirst = false
    }

    mutating func key(_ key: String) {
        beginItem()
        appendQuoted(key)
        buffer.append(UInt8(ascii: ":"))
        if pretty {
            buffer.append(UInt8(ascii: " "))
        }
        isAfterKey = true
    }

    mutating func string(_ text: String) {
        beginItem()
        appendQuoted(text)
    }

    /// Writes a number, or one of the words true, false and null.
    mutating func literal(_ text: String) {
        beginItem()
        buffer.append(contentsOf: text.utf8)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: literal("null")
        case .bool(let value): literal(value ? "true" : "false")
        case .number(let number): literal(number.text)
        case .string(let text): string(text)
        case .array(let elements):
            begin("[")
            for element in elements {
                write(element)
            }
            end("]")
        case .object(let object):
            begin("{")
            for member in object.members {
                key(member.key)
                write(member.value)
            }
            end("}")
        }
    }

    private mutating func beginItem() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        if !isFirst {
            buffer.append(UInt8(ascii: ","))
        }
        if depth > 0 {
            newLine()
        }
        isFirst = false
    }

    private mutating func newLine() {
        guard pretty else { return }
        buffer.append(UInt8(ascii: "\n"))
        buffer.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func appendQuoted(_ text: String) {
        buffer.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): buffer.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x20...: buffer.append(byte)
            case 0x08: buffer.append(contentsOf: "\\b".utf8)
            case 0x09: buffer.append(contentsOf: "\\t".utf8)
            case 0x0A: buffer.append(contentsOf: "\\n".utf8)
            case 0x0C: buffer.append(contentsOf: "\\f".utf8)
            case 0x0D: buffer.append(contentsOf: "\\r".utf8)
            default:
                buffer.append(contentsOf: "\\u00".utf8)
                buffer.append(Hexadecimal.digit(byte >> 4))
                buffer.append(Hexadecimal.digit(byte & 15))
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }
}
