extension Decimal128: LosslessStringConvertible {
    /// The number with all of its digits: in plain notation where that is short, in scientific notation otherwise, or
    /// one of the words `Infinity`, `-Infinity` and `NaN`.
    public var description: String {
        let sign = isNegative ? "-" : ""
        switch content {
        case .infinity: return sign + "Infinity"
        case .nan: return "NaN"
        case .finite(let coefficient, let exponent):
            return sign + Self.text(digits: String(coefficient), exponent: exponent)
        }
    }

    private static func text(digits: String, exponent: Int) -> String {
        let count = digits.utf8.count
        let scientific = exponent + count - 1
        if exponent > 0 || scientific < -6 {
            let fraction = count > 1 ? "." + digits.dropFirst() : ""
            return "\(digits.prefix(1))\(fraction)E\(scientific < 0 ? "-" : "+")\(abs(scientific))"
        }
        if exponent == 0 {
            return digits
        }
        if count > -exponent {
            return "\(digits.dropLast(-exponent)).\(digits.suffix(-exponent))"
        }
        return "0." + String(repeating: "0", count: -exponent - count) + digits
    }

    /// Reads a number in plain or scientific notation, or one of the words `Infinity`, `Inf` and `NaN` in any case.
    /// - Returns: nil for any other text, and for a number that 34 digits and the exponent's range cannot hold
    ///   exactly: nothing is ever rounded.
    public init?(_ text: String) {
        var rest = ArraySlice(text.utf8)
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        switch String(decoding: rest, as: UTF8.self).lowercased() {
        case "inf", "infinity":
            self = Decimal128(high: Self.infinity.high | (isNegative ? 1 << 63 : 0), low: 0)
            return
        case "nan":
            self = .nan
            return
        default:
            break
        }
        guard var number = DecimalNumeral(parsing: rest), number.fit() else { return nil }
        self.init(isNegative: isNegative, coefficient: number.coefficient, exponent: number.exponent)
    }
}

/// The digits and exponent of a numeral, on their way into a ``Decimal128``.
private struct DecimalNumeral {
    /// The significant digits: without leading zeros.
    var digits: [UInt8] = []
    var exponent = 0

    var coefficient: UInt128 {
        digits.reduce(0) { $0 * 10 + UInt128($1) }
    }

    /// Reads digits with at most one point, and an exponent; nil for anything else.
    init?(parsing text: ArraySlice<UInt8>) {
        let mantissa = text.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        var hasPoint = false
        var hasDigit = false
        for byte in mantissa {
            switch byte {
            case UInt8(ascii: "."):
                guard !hasPoint else { return nil }
                hasPoint = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                hasDigit = true
                if hasPoint {
                    exponent -= 1
                }
                if byte != UInt8(ascii: "0") || !digits.isEmpty {
                    digits.append(byte - UInt8(ascii: "0"))
                }
            default:
                return nil
            }
        }
        guard hasDigit else { return nil }
        if mantissa.count < text.count {
            guard let value = Self.exponent(text.dropFirst(mantissa.count + 1)) else { return nil }
            exponent += value
        }
    }

    /// Reads an exponent; one that is far out of range stays so, and cannot overflow.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        var digits = text
        if let sign = text.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            digits = digits.dropFirst()
        }
        guard !digits.isEmpty, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        let size = digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 40) }
        return text.first == UInt8(ascii: "-") ? -size : size
    }

    /// Shifts zeros between digits and exponent until both are in range; false where digits would be lost.
    mutating func fit() -> Bool {
        if digits.isEmpty {
            exponent = min(max(exponent, Decimal128.exponents.lowerBound), Decimal128.exponents.upperBound)
            return true
        }
        while digits.count > 34 || exponent < Decimal128.exponents.lowerBound {
            guard digits.count > 1, digits.last == 0 else { return false }
            digits.removeLast()
            exponent += 1
        }
        while exponent > Decimal128.exponents.upperBound {
            guard digits.count < 34 else { return false }
            digits.append(0)
            exponent -= 1
        }
        return true
    }
}
