/// The tokens of JSON text.
struct JSONScanner {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// How many bytes have been read.
    var offset: Int { position - bytes.startIndex }

    var isAtEnd: Bool { position >= bytes.endIndex }

    var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    mutating func advance() {
        position += 1
    }

    func error(_ message: String) -> BSONError {
        BSONError(.invalidJSON, isAtEnd ? "The text ends too early." : message, offset: offset)
    }

    mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    /// Moves past the given character, after white space, if it is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Reads a member's key and its colon.
    mutating func key() throws(BSONError) -> String {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw error("A key in double quotes is missing.") }
        let key = try string()
        guard take(":") else { throw error("A colon is missing after a key.") }
        return key
    }

    mutating func word(_ word: StaticString) throws(BSONError) {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw error("There is no JSON value that starts like this.") }
        position += word.utf8CodeUnitCount
    }

    mutating func number() throws(BSONError) -> JSONNumber {
        let start = position
        var isInteger = true
        if peek == UInt8(ascii: "-") {
            position += 1
        }
        if peek == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if let byte = peek, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return JSONNumber(parsed: String(decoding: bytes[start..<position], as: UTF8.self), isInteger: isInteger)
    }

    private mutating func digits() throws(BSONError) {
        let start = position
        while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
            position += 1
        }
        guard position > start else { throw error("There is no JSON value that starts like this.") }
    }

    mutating func string() throws(BSONError) -> String {
        position += 1
        let start = position
        // Most strings have no escapes and can be taken as they stand.
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
        }
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(of: bytes[start..<position], from: start)
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return try text(of: unescaped[...], from: start)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: String(try escape()).utf8)
            case 0x20...:
                unescaped.append(byte)
                position += 1
            default:
                throw error("A control character in a string must be escaped.")
            }
        }
        throw error("A string does not end.")
    }

    private func text(of slice: ArraySlice<UInt8>, from start: Int) throws(BSONError) -> String {
        guard let text = slice.span.bytes.validText(from: 0, to: slice.count) else {
            throw BSONError(.invalidUTF8, "A string is not valid UTF-8.", offset: start - bytes.startIndex)
        }
        return text
    }

    private mutating func escape() throws(BSONError) -> Unicode.Scalar {
        let start = offset
        position += 1
        defer { position += 1 }
        switch peek {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("There is no such escape.")
        }
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) {
            return scalar
        }
        // Only surrogates are left: a high one with a low one after it is a scalar, anything else is nothing.
        position += 1
        if first < 0xDC00, peek == UInt8(ascii: "\\") {
            position += 1
            if peek == UInt8(ascii: "u") {
                let second = try fourDigits()
                if 0xDC00..<0xE000 ~= second,
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                {
                    return scalar
                }
            }
        }
        throw BSONError(.invalidJSON, "An escaped surrogate has no partner.", offset: start)
    }

    /// Reads the four digits after `\u`, and leaves the position on the last of them.
    private mutating func fourDigits() throws(BSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard let byte = peek, let digit = Hexadecimal.value(of: byte) else {
                throw error("Four hexadecimal digits must follow \\u.")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
