/// Damages bytes in ways that parsers find hard.
struct BSONMutator {
    private static let numbers: [Int32] = [0, 1, -1, 4, 5, 6, 13, 14, 127, 128, 255, 256, .max, .min, .max - 4]
    private static let bytes: [UInt8] = [0, 1, 2, 3, 4, 5, 0x0B, 0x0F, 0x10, 0x13, 0x7F, 0x80, 0xC0, 0xE9, 0xFF]

    let seeds: [[UInt8]]
    var random: SeededGenerator

    /// Returns one of the seeds after one to three changes.
    mutating func next() -> [UInt8] {
        var bytes = random.pick(seeds) ?? []
        for _ in 0...random.below(3) {
            change(&bytes)
        }
        // With a length that fits, damage further inside is reached more often.
        if random.below(3) > 0, bytes.count >= 4 {
            write(Int32(bytes.count), at: 0, in: &bytes)
        }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes.append(UInt8(truncatingIfNeeded: random.next()))
            return
        }
        let position = random.below(bytes.count)
        switch random.below(9) {
        case 0: bytes[position] ^= 1 << UInt8(random.below(8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes[position] = random.pick(Self.bytes) ?? 0
        case 3: bytes.insert(random.pick(Self.bytes) ?? 0, at: position)
        case 4: bytes.remove(at: position)
        case 5: bytes.removeLast(random.below(bytes.count))
        case 6: write(random.pick(Self.numbers) ?? 0, at: position, in: &bytes)
        case 7: bytes.insert(contentsOf: slice(of: bytes), at: position)
        default: bytes.insert(contentsOf: slice(of: random.pick(seeds) ?? []), at: position)
        }
    }

    private mutating func slice(of bytes: [UInt8]) -> ArraySlice<UInt8> {
        let start = random.below(bytes.count)
        return bytes.dropFirst(start).prefix(1 + random.below(16))
    }

    private func write(_ number: Int32, at position: Int, in bytes: inout [UInt8]) {
        for index in 0..<4 where position + index < bytes.count {
            bytes[position + index] = UInt8(truncatingIfNeeded: number >> (8 * Int32(index)))
        }
    }
}
