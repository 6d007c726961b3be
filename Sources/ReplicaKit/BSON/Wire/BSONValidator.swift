/// Checks a whole document in one pass: framing, types, lengths, UTF-8 and depth.
///
/// It keeps its own stack instead of recursing, so the depth of hostile bytes costs heap within the limit and never
/// the thread's stack.
struct BSONValidator {
    private struct Level {
        /// Where the innermost open document ends.
        var end: Int
        /// Where the key that leads to it starts; -1 for the outermost document.
        var key: Int
    }

    let depthLimit: Int

    /// Throws unless `bytes` are one whole valid document.
    func validate(_ bytes: RawSpan) throws(BSONError) {
        let end = try BSONScanner.documentEnd(at: 0, limit: bytes.byteCount, in: bytes)
        guard end == bytes.byteCount else {
            throw BSONError(.trailingBytes, "Bytes are left over after the end of the document.", offset: end)
        }
        guard depthLimit >= 1 else { throw Self.tooDeep(depthLimit, at: 0) }
        var open: [Level] = []
        var current = Level(end: end, key: -1)
        var offset = 4
        var key = offset
        do throws(BSONError) {
            while true {
                if offset == current.end - 1 {
                    offset = current.end
                    guard let outer = open.popLast() else { return }
                    current = outer
                    continue
                }
                key = offset + 1
                guard let nested = try Self.checkElement(at: &offset, limit: current.end - 1, in: bytes) else {
                    continue
                }
                guard open.count + 2 <= depthLimit else { throw Self.tooDeep(depthLimit, at: nested.lowerBound) }
                open.append(current)
                current = Level(end: nested.upperBound, key: key)
                offset = nested.lowerBound + 4
            }
        } catch {
            throw Self.locate(error, in: bytes, keys: open.map(\.key) + [current.key, key])
        }
    }

    /// Checks the element at `offset` and moves past it, or returns the embedded document that must be entered next.
    @inline(__always)
    private static func checkElement(at offset: inout Int, limit: Int, in bytes: RawSpan) throws(BSONError)
        -> Range<Int>?
    {
        let (type, keyEnd) = try BSONScanner.elementHeader(at: offset, limit: limit, in: bytes)
        try checkUTF8(from: offset + 1, to: keyEnd, in: bytes)
        let start = keyEnd + 1
        let end = try BSONScanner.valueEnd(type, at: start, limit: limit, in: bytes)
        switch type {
        case .string, .javaScript, .symbol:
            try checkUTF8(from: start + 4, to: end - 1, in: bytes)
        case .bool:
            guard let value = bytes.byte(at: start), value <= 1 else {
                throw BSONError(.invalidBoolean, "A boolean is neither 0 nor 1.", offset: start)
            }
        case .dbPointer:
            try checkUTF8(from: start + 4, to: end - 13, in: bytes)
        case .regularExpression:
            // The NUL between pattern and options is ASCII, so one check covers both.
            try checkUTF8(from: start, to: end - 1, in: bytes)
        case .document, .array:
            return start..<end
        case .javaScriptWithScope:
            let codeEnd = try BSONScanner.stringEnd(at: start + 4, limit: end, in: bytes)
            try checkUTF8(from: start + 8, to: codeEnd - 1, in: bytes)
            return codeEnd..<end
        default:
            break
        }
        offset = end
        return nil
    }

    @inline(__always)
    private static func checkUTF8(from start: Int, to end: Int, in bytes: RawSpan) throws(BSONError) {
        if let offset = bytes.firstInvalidUTF8(from: start, to: end) {
            throw BSONError(.invalidUTF8, "Text is not valid UTF-8.", offset: offset)
        }
    }

    @inline(never)
    private static func tooDeep(_ limit: Int, at offset: Int) -> BSONError {
        BSONError(.tooDeep, "Documents are nested more than \(limit) levels deep.", offset: offset)
    }

    /// Adds the key path, which is only worked out when something is wrong.
    private static func locate(_ error: BSONError, in bytes: RawSpan, keys: [Int]) -> BSONError {
        var error = error
        error.keyPath = keys.filter { $0 >= 0 }.map { start in
            // The key itself may be what is broken, so no more than a readable piece of it is shown.
            let limit = min(start + 64, bytes.byteCount)
            return bytes.text(from: start, to: bytes.firstZero(from: start, to: limit) ?? limit)
        }
        return error
    }
}
