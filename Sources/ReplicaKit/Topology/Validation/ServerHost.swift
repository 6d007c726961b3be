/// A `host:port` as servers read it, which is more than ``MemberAddress`` takes: a name may be anything without colons
/// and brackets.
struct ServerHost: Hashable {
    let host: String
    let port: Int

    /// Why a text is no host.
    enum Flaw: String, Error {
        case bracketNotFirst = "\"[\" stands inside the name"
        case bracketNotClosed = "the bracket is not closed"
        case bracketNotOpened = "\"]\" has no \"[\" before it"
        case textAfterBracket = "the bracket must be followed by a colon and the port"
        case manyColons = "more than one colon: an IPv6 address needs brackets"
        case emptyHost = "the host is empty"
        case badPort = "the port is not a number from 1 to 65535"
    }

    init(_ text: String) throws(Flaw) {
        let bytes = Array(text.utf8)
        let open = bytes.firstIndex(of: UInt8(ascii: "["))
        let close = bytes.firstIndex(of: UInt8(ascii: "]"))
        var colon = bytes.lastIndex(of: UInt8(ascii: ":"))
        var name = bytes[..<(colon ?? bytes.endIndex)]
        if let open {
            guard open == 0 else { throw .bracketNotFirst }
            guard let close else { throw .bracketNotClosed }
            name = bytes[1..<close]
            if let last = colon, last < close {
                guard bytes.count == close + 1 else { throw .textAfterBracket }
                colon = nil
            } else if colon != close + 1 {
                throw .textAfterBracket
            }
        } else if close != nil {
            throw .bracketNotOpened
        } else if bytes.firstIndex(of: UInt8(ascii: ":")) != colon {
            throw .manyColons
        }
        guard !name.isEmpty else { throw .emptyHost }
        host = String(decoding: name, as: UTF8.self)
        if let colon {
            guard let number = Self.decimal(bytes[(colon + 1)...]), (1...65535).contains(number) else { throw .badPort }
            port = number
        } else {
            port = MemberAddress.defaultPort
        }
    }

    /// Whether servers take it for their own machine.
    var isLocal: Bool {
        host == "localhost" || host == "::1" || host == "anonymous unix socket" || host.hasPrefix("127.")
            || host.hasPrefix("/")
    }

    /// The same as an address, to be compared with those a member is known to listen at.
    var address: MemberAddress {
        MemberAddress(host: host, port: host.hasPrefix("/") ? 0 : port)
    }

    /// A decimal number with an optional sign, as servers parse it; nil for anything else and for very large ones.
    static func decimal(_ text: ArraySlice<UInt8>) -> Int? {
        var digits = text
        let sign = digits.first
        if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { digits.removeFirst() }
        guard !digits.isEmpty else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), number <= 1_000_000_000 else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return sign == UInt8(ascii: "-") ? -number : number
    }

    /// Without the white space around it, which servers drop from the `host` of a member.
    static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension ServerHost: CustomStringConvertible {
    var description: String { address.description }
}
