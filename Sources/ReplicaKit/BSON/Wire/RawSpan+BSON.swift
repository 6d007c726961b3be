// Every read of BSON bytes goes through these helpers: they check the range first, so that hostile lengths and
// offsets end in nil and never in a trap or in a read past the end.
extension RawSpan {
    @inline(__always)
    func holds(_ count: Int, at offset: Int) -> Bool {
        offset >= 0 && count >= 0 && offset <= byteCount && count <= byteCount - offset
    }

    @inline(__always)
    func byte(at offset: Int) -> UInt8? {
        guard holds(1, at: offset) else { return nil }
        return unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T? {
        guard holds(MemoryLayout<T>.size, at: offset) else { return nil }
        return T(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The offset of the first zero byte in `start..<end`, looking at eight bytes at a time.
    @inline(__always)
    func firstZero(from start: Int, to end: Int) -> Int? {
        guard start >= 0, end <= byteCount else { return nil }
        var offset = start
        while end - offset >= 8 {
            let word = UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            // The lowest set bit of this mask is exact; bits above it may be false alarms.
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 {
                return offset + zeros.trailingZeroBitCount / 8
            }
            offset += 8
        }
        while offset < end {
            if unsafeLoad(fromByteOffset: offset, as: UInt8.self) == 0 {
                return offset
            }
            offset += 1
        }
        return nil
    }

    /// The offset of the first byte in `start..<end` that does not belong to well-formed UTF-8, or nil when all does.
    @inline(__always)
    func firstInvalidUTF8(from start: Int, to end: Int) -> Int? {
        guard start >= 0, end <= byteCount else { return start }
        var offset = start
        while offset < end {
            if end - offset >= 8 {
                let word = unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 == 0 {
                    offset += 8
                    continue
                }
            }
            let first = unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            if first < 0x80 {
                offset += 1
            } else {
                let length = multiByteScalarLength(first: first, at: offset, limit: end)
                guard length > 0 else { return offset }
                offset += length
            }
        }
        return nil
    }

    /// The length of the scalar of two to four bytes at `offset`, or 0 when it is malformed.
    private func multiByteScalarLength(first: UInt8, at offset: Int, limit: Int) -> Int {
        let length: Int
        // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
        let second: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard limit - offset >= length, second.contains(unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self)) else {
            return 0
        }
        for index in 2..<max(length, 2) where unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) & 0xC0 != 0x80
        {
            return 0
        }
        return length
    }

    /// The text in `start..<end`, with U+FFFD in place of what is not UTF-8.
    func text(from start: Int, to end: Int) -> String {
        guard start <= end, holds(end - start, at: start) else { return "" }
        return withUnsafeBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[start..<end]), as: UTF8.self) }
    }

    /// The text in `start..<end`, or nil when it is not UTF-8.
    func validText(from start: Int, to end: Int) -> String? {
        guard start <= end, holds(end - start, at: start) else { return nil }
        return withUnsafeBytes { String(validating: UnsafeRawBufferPointer(rebasing: $0[start..<end]), as: UTF8.self) }
    }

    /// Whether the bytes in `start..<end` are the UTF-8 of `text`.
    @inline(__always)
    func matches(_ text: RawSpan, from start: Int, to end: Int) -> Bool {
        guard end - start == text.byteCount, holds(text.byteCount, at: start) else { return false }
        for index in 0..<text.byteCount
        where unsafeLoad(fromByteOffset: start + index, as: UInt8.self)
            != text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        {
            return false
        }
        return true
    }
}
