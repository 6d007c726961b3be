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

    /// Makes a number that is neither infinite nor NaN.
    /// - Parameters:
    ///   - coefficient: at most ``largestCoefficient``.
    ///   - exponent: within ``exponents``.
    init(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        let sign: UInt64 = isNegative ? 1 << 63 : 0
        let biased = UInt64(truncatingIfNeeded: exponent &+ Self.exponentBias) & 0x3FFF
        high = sign | biased << 49 | UInt64(truncatingIfNeeded: coefficient >> 64) & 0x0001_FFFF_FFFF_FFFF
        low = UInt64(truncatingIfNeeded: coefficient)
    }

    /// What the bits say.
    enum Content {
        case finite(coefficient: UInt128, exponent: Int)
        case infinity
        case nan
    }

    static let exponentBias = 6176
    static let exponents = -6176...6111
    /// 34 nines.
    static let largestCoefficient: UInt128 = 9_999_999_999_999_999_999_999_999_999_999_999
    static let infinity = Decimal128(high: 0x7800_0000_0000_0000, low: 0)
    static let nan = Decimal128(high: 0x7C00_0000_0000_0000, low: 0)

    var content: Content {
        switch high >> 58 & 0b11111 {
        case 0b11110: return .infinity
        case 0b11111: return .nan
        case 0b11000...:
            // A coefficient that starts with binary 100 is larger than any that is allowed, and counts as zero.
            return .finite(coefficient: 0, exponent: Int(high >> 47 & 0x3FFF) - Self.exponentBias)
        default:
            let coefficient = UInt128(high & 0x0001_FFFF_FFFF_FFFF) << 64 | UInt128(low)
            return .finite(
                coefficient: coefficient <= Self.largestCoefficient ? coefficient : 0,
                exponent: Int(high >> 49 & 0x3FFF) - Self.exponentBias
            )
        }
    }

    /// Whether the number is negative, also when it is zero.
    public var isNegative: Bool { high >> 63 == 1 }

    /// Whether the number is zero of either sign and any exponent.
    public var isZero: Bool {
        if case .finite(0, _) = content { true } else { false }
    }

    /// The number as the nearest double.
    public var doubleValue: Double { Double(description) ?? .nan }
}
