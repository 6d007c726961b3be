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
        var (end, lines) = (size, 0)
        while end > 0 {
            try Task.checkCancellation()
            let start = max(0, end - blockSize)
            let block = try readBlock(of: file, at: start, count: end - start, path)
            for index in block.indices.reversed() where block[index] == UInt8(ascii: "\n") {
                // The line end at the very end of the file ends the last line and begins none.
                if start + index == size - 1 { continue }
                lines += 1
                if lines == count { return start + index + 1 }
            }
            end = start
            await Task.yield()
        }
        return 0
    }
}
