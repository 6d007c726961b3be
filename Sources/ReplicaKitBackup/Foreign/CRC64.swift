/// The checksum of archives: CRC-64 with the polynomial of ECMA-182, reflected, as the tools' own language has it.
struct CRC64: Sendable {
    private static let table: [UInt64] = (0..<256).map { byte in
        (0..<8).reduce(UInt64(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xC96C_5795_D787_0F42 : value >> 1 }
    }

    private var state = UInt64.max

    /// The checksum of all bytes so far.
    var value: UInt64 { ~state }

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        var state = state
        Self.table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
            }
        }
        self.state = state
    }
}
