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
        var text = text
        buffer.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            // Most text needs no escapes, so it is copied in runs.
            var start = 0
            for (index, byte) in bytes.enumerated() where Self.needsEscape(byte) {
                buffer.append(contentsOf: bytes[start..<index])
                appendEscape(of: byte)
                start = index + 1
            }
            buffer.append(contentsOf: bytes[start...])
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscape(of byte: UInt8) {
        buffer.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: buffer.append(UInt8(ascii: "b"))
        case 0x09: buffer.append(UInt8(ascii: "t"))
        case 0x0A: buffer.append(UInt8(ascii: "n"))
        case 0x0C: buffer.append(UInt8(ascii: "f"))
        case 0x0D: buffer.append(UInt8(ascii: "r"))
        case 0x20...: buffer.append(byte)
        default:
            buffer.append(contentsOf: "u00".utf8)
            buffer.append(Hexadecimal.digit(byte >> 4))
            buffer.append(Hexadecimal.digit(byte & 15))
        }
    }
}
