/// Recognises IP addresses and ranges of them (`10.0.0.0/8`), which servers do not take as the hosts of horizons.
enum IPAddressRange {
    /// Whether the text is an IP address, with or without the length of a prefix.
    static func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            return isIPv4(bytes[...]) || isIPv6(bytes[...])
        }
        let length = bytes[(slash + 1)...].drop(while: ServerHost.isSpace)
        guard let prefix = ServerHost.decimal(length), prefix >= 0 else { return false }
        let address = bytes[..<slash]
        return isIPv4(address) ? prefix <= 32 : isIPv6(address) && prefix <= 128
    }

    /// Four decimal numbers to 255 without leading zeros.
    private static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    return false
                }
                return (part.count == 1 || part.first != UInt8(ascii: "0")) && (ServerHost.decimal(part) ?? 256) <= 255
            }
    }

    /// Eight groups of hexadecimal digits, of which one run may be left out, and the last two may be an IPv4 address.
    private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
        var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard groups.count >= 3 else { return false }
        if let last = groups.last, last.contains(UInt8(ascii: ".")) {
            guard isIPv4(last) else { return false }
            groups[groups.count - 1] = [0x30]
            groups.append([0x30])
        }
        // An empty group is the gap "::"; at the start and at the end it shows as two empty groups.
        if groups.first?.isEmpty == true {
            guard groups.count > 1, groups[1].isEmpty else { return false }
            groups.removeFirst()
        }
        if groups.last?.isEmpty == true {
            guard groups.count > 1, groups[groups.count - 2].isEmpty else { return false }
            groups.removeLast()
        }
        let gaps = groups.count(where: \.isEmpty)
        let written = groups.count - gaps
        guard gaps <= 1, gaps == 1 ? written < 8 : written == 8 else { return false }
        return groups.allSatisfy { $0.count <= 4 && $0.allSatisfy(isHexadecimal) }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
