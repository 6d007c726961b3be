/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Bytes to test with.
enum Bytes {
    static func random(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// What compresses well.
    static func text(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in Array("abcd ".utf8)[Int.random(in: 0..<5, using: &random)] }
    }

    /// Nothing, noise, text or zeros, of any length up to 300,000.
    static func mixed(_ random: inout SeededRandom) -> [UInt8] {
        let count = Int.random(in: 0...([0, 10, 1000, 300_000].randomElement(using: &random) ?? 0), using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return self.random(count, &random)
        case 1: return text(count, &random)
        default: return [UInt8](repeating: 0, count: count)
        }
    }

    /// Bytes, cut anywhere.
    static func pieces(of bytes: [UInt8], _ random: inout SeededRandom) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...([1, 7, 5000, 400_000].randomElement(using: &random) ?? 1), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
