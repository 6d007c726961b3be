/// A 128-bit IEEE 754 decimal floating-point number: up to 34 significant digits and a decimal exponent.
///
/// The value is kept as its bits, so what was read is written again unchanged. Equality is equality of bits: `1.0`
/// and `1.00` differ.
public struct Decimal128: Sendable, Hashable {
    /// The upper 64 bits: sign, exponent, and the highest bits of the coefficient.
    public let high: UInt64
    /// The lower 64 bits of the coefficient.
    public let low: UInt64

    /// Makes a number of its bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether the number is zero of either sign and any exponent.
    public var isZero: Bool {
        // With the two bits after the sign set, it is an infinity, a NaN, or a coefficient too large to be canonical,
        // which counts as zero.
        if high >> 61 & 0b11 == 0b11 {
            return high >> 59 & 0b1111 != 0b1111
        }
        let coefficient = UInt128(high & 0x0001_FFFF_FFFF_FFFF) << 64 | UInt128(low)
        return coefficient == 0 || coefficient > Self.largestCoefficient
    }

    /// 34 nines.
    static let largestCoefficient: UInt128 = 9_999_999_999_999_999_999_999_999_999_999_999
}
