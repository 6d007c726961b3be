import Glibc

/// Reads the end of a file in blocks, from behind, so that its length does not matter.
enum LogTail {
    static let blockSize = 65536

    /// The text of the last bytes of a file, from the first whole line in them on.
    static func text(of path: String, bytes: Int) throws -> String {
        let file = try Descriptor(opening: path, O_RDONLY)
        let size = FileStatus(ofOpen: file)?.size ?? 0
        let start = max(0, size - bytes)
        let text = try text(file, path, from: start, to: size)
        guard start > 0, let end = text.firstIndex(where: \.isNewline) else { return text }
        return String(text[text.index(after: end)...])
    }

    /// What follows an offset, at most the last `limit` bytes of it. An offset beyond the end is that of a file that
    /// was truncated or replaced since: then the whole file follows it.
    static func text(of path: String, from offset: Int, limit: Int) throws -> String {
        let file = try Descriptor(opening: path, O_RDONLY)
        let size = FileStatus(ofOpen: file)?.size ?? 0
        let start = offset <= size ? offset : 0
        return try text(file, path, from: max(start, size - limit), to: size)
    }

    private static func text(_ file: borrowing Descriptor, _ path: String, from: Int, to: Int) throws -> String {
        var bytes: [UInt8] = []
        while from + bytes.count < to {
            let block = try readBlock(of: file, at: from + bytes.count, count: to - from - bytes.count, path)
            if block.isEmpty { break }
            bytes += block
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Where the last lines of a file begin. Gives other tasks a turn between blocks.
    static func offset(ofLastLines count: Int, in file: borrowing Descriptor, _ path: String) async throws -> Int {
        let size = FileStatus(ofOpen: file)?.size ?? 0
        guard count > 0 else { return size }
        var (end, left) = (size, count)
        while end > 0 {
            try Task.checkCancellation()
            let start = max(0, end - blockSize)
            let block = try readBlock(of: file, at: start, count: end - start, path)
            // The line end at the very end of the file ends the last line and begins none.
            var searched = end == size ? block.count - 1 : block.count
            while let newline = lastNewline(in: block, before: searched) {
                left -= 1
                if left == 0 { return start + newline + 1 }
                searched = newline
            }
            end = start
            await Task.yield()
        }
        return 0
    }

    /// The first line end at or after an index. By the C library, as lines can be long.
    static func firstNewline(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer -> Int? in
            guard let base = buffer.baseAddress, start < buffer.count else { return nil }
            return memchr(base + start, newline, buffer.count - start).map { UnsafeRawPointer($0) - base }
        }
    }

    /// The last line end before an index.
    static func lastNewline(in bytes: [UInt8], before end: Int) -> Int? {
        bytes.withUnsafeBytes { buffer -> Int? in
            var index = end - 1
            while index >= 0, buffer[index] != UInt8(newline) { index -= 1 }
            return index >= 0 ? index : nil
        }
    }

    private static let newline = Int32(UInt8(ascii: "\n"))
}
