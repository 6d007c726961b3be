/// A range of IPv4 addresses in CIDR notation, such as `172.22.0.0/24`.
public struct IPv4Subnet: Sendable, Hashable {
    /// The first address.
    public let base: UInt32
    /// How many bits of an address name the subnet, 8 to 30.
    public let prefixLength: Int

    /// Reads `a.b.c.d/n`; `nil` for anything else, or where `a.b.c.d` is not the first address of the range.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = Self.address(String(parts[0])), let length = Int(parts[1]),
            (8...30).contains(length), String(length) == parts[1], base & ~Self.mask(length) == 0
        else { return nil }
        self.base = base
        prefixLength = length
    }

    /// Whether an address lies in the range.
    public func contains(_ address: UInt32) -> Bool { address & Self.mask(prefixLength) == base }

    /// Whether two ranges have addresses in common.
    public func overlaps(_ other: IPv4Subnet) -> Bool { contains(other.base) || other.contains(base) }

    /// Whether an address of the range can be a member's: not the first, the second (the gateway) or the last.
    func isForHosts(_ address: UInt32) -> Bool {
        address > base + 1 && address < base | ~Self.mask(prefixLength)
    }

    /// Reads `a.b.c.d`.
    package static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part), String(byte) == part else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func mask(_ length: Int) -> UInt32 { ~0 << UInt32(32 - length) }
}
