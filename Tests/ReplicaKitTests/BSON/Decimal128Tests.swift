import Testing

@testable import ReplicaKit

/// What the public corpus does not ask; most of the conversions are tested there.
@Suite("Decimal128")
struct Decimal128Tests {
    @Test(
        "Exponents far out of range are refused, or moved where no digit is lost",
        arguments: [
            ("1E6144", "1.000000000000000000000000000000000E+6144"), ("1E6145", nil), ("10E-6177", "1E-6176"),
            ("0E9999999999999999999999", "0E+6111"), ("-0E-9999999999999999999999", "-0E-6176"),
            ("1E99999999999999999999999999", nil), ("1E-99999999999999999999999999", nil),
            ("00000000000000000000000000000000000000000000000001", "1"), ("1e+00005", "1E+5"), ("INFINITY", "Infinity"),
            ("-iNf", "-Infinity"), ("-nan", "NaN"), ("+1.50", "1.50"), ("٣", nil), ("1\u{0}", nil), ("1_0", nil),
        ] as [(String, String?)]
    )
    func parsing(text: String, expected: String?) {
        #expect(Decimal128(text)?.description == expected)
    }

    @Test("Every number survives its text")
    func roundTrips() throws {
        var random = SeededGenerator(seed: 128)
        for _ in 0..<3000 {
            let digits = UInt128(random.next()) << 64 | UInt128(random.next())
            let number = Decimal128(
                isNegative: random.below(2) == 1,
                coefficient: (digits >> UInt128(random.below(128))) % (Decimal128.largestCoefficient + 1),
                exponent: random.below(Decimal128.exponents.count) + Decimal128.exponents.lowerBound
            )
            #expect(Decimal128(number.description) == number)
        }
    }

    @Test("Any bits can be printed, and what is printed can be read")
    func anyBits() throws {
        var random = SeededGenerator(seed: 754)
        for _ in 0..<3000 {
            let number = Decimal128(high: random.next(), low: random.next())
            let text = number.description
            #expect(Decimal128(text)?.description == text)
            let hasDigits = text.prefix { $0 != "E" }.contains { "123456789".contains($0) }
            #expect(number.isZero == !(hasDigits || text.hasSuffix("Infinity") || text == "NaN"))
        }
    }

    @Test("Zero has many forms")
    func zero() {
        #expect(Decimal128(isNegative: true, coefficient: 0, exponent: 17).isZero)
        #expect(Decimal128(high: 0x6C10_0000_0000_0000, low: 0).isZero)
        #expect(!Decimal128.infinity.isZero)
        #expect(!Decimal128.nan.isZero)
        #expect(!Decimal128(isNegative: false, coefficient: 1, exponent: -6176).isZero)
    }

    @Test("Doubles are the nearest")
    func doubles() {
        #expect(Decimal128("0.1")?.doubleValue == 0.1)
        #expect(Decimal128("-1E+6000")?.doubleValue == -.infinity)
        #expect(Decimal128.nan.doubleValue.isNaN)
    }
}
