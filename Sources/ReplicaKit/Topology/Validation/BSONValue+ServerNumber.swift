/// Numbers as servers convert them; none of these can trap, whatever the value.
extension BSONValue {
    /// Whether the value is of one of the four number types.
    var isNumber: Bool {
        switch self {
        case .int32, .int64, .double, .decimal128: true
        default: false
        }
    }

    /// The number without its fraction (a decimal is rounded), at most as far from 0 as 64 bits reach; 0 for NaN.
    var clampedInteger: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        case .double(let value) where value.isNaN: 0
        case .double(let value): Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
        case .decimal128(let value): value.clampedInteger
        default: nil
        }
    }

    /// The lower 32 bits of an integer; of another number the integer part, or the smallest number when that is NaN or
    /// does not fit.
    var wrappedInteger: Int32? {
        switch self {
        case .int32(let value): value
        case .int64(let value): Int32(truncatingIfNeeded: value)
        case .double(let value): Int32(exactly: value.rounded(.towardZero)) ?? .min
        case .decimal128(let value): Int32(exactly: value.clampedInteger).flatMap { value.isNaN ? nil : $0 } ?? .min
        default: nil
        }
    }

    /// The number, if it is integral and fits 64 bits as a double does.
    var exactInteger: Int64? {
        guard let integer = clampedInteger, let real, Double(integer) == real else { return nil }
        return integer
    }

    /// The number as a double as servers from 5.0 on read one: 0 for NaN, and for a decimal below the smallest normal
    /// positive double that double, so that a decimal 0 becomes more than 0.
    var safeReal: Double? {
        guard let real else { return nil }
        if real.isNaN { return 0 }
        guard case .decimal128 = self else { return real }
        return min(max(real, .leastNormalMagnitude), .greatestFiniteMagnitude)
    }

    /// The number as a double.
    var real: Double? {
        if case .decimal128(let value) = self { return value.doubleValue }
        return doubleValue
    }
}

extension Decimal128 {
    fileprivate var isNaN: Bool {
        if case .nan = content { true } else { false }
    }

    /// Rounded to the nearest integer, halves to the even one; at most as far from 0 as 64 bits reach; 0 for NaN.
    fileprivate var clampedInteger: Int64 {
        let limit: Int64 = isNegative ? .min : .max
        switch content {
        case .nan: return 0
        case .infinity: return limit
        case .finite(let coefficient, let exponent):
            guard let magnitude = Self.rounded(coefficient, exponent), let integer = Int64(exactly: magnitude) else {
                return limit
            }
            return isNegative ? -integer : integer
        }
    }

    /// The nearest integer to the coefficient times a power of ten; nil when that is far too large.
    private static func rounded(_ coefficient: UInt128, _ exponent: Int) -> UInt128? {
        if coefficient == 0 || exponent < -36 { return 0 }
        if exponent > 20 { return nil }
        var power: UInt128 = 1
        for _ in 0..<abs(exponent) { power *= 10 }
        if exponent >= 0 {
            let (product, overflow) = coefficient.multipliedReportingOverflow(by: power)
            return overflow ? nil : product
        }
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: power)
        let isUp = remainder > power / 2 || (remainder == power / 2 && quotient % 2 == 1)
        return quotient + (isUp ? 1 : 0)
    }
}
