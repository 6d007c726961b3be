/// Tar archives as small as they are needed: what is put into a container, and one file that is taken out.
///
/// Source: POSIX.1-1988 "ustar", as `archive` of the Engine API takes and gives it.
struct TarWriter {
    private(set) var bytes: [UInt8] = []

    /// Adds a directory that everyone may enter.
    mutating func addDirectory(_ name: String) {
        header(name + "/", type: UInt8(ascii: "5"), mode: 0o755, owner: (0, 0), size: 0)
    }

    /// Adds a file.
    mutating func addFile(_ name: String, _ content: [UInt8], mode: Int, owner: (user: Int, group: Int)) {
        header(name, type: UInt8(ascii: "0"), mode: mode, owner: owner, size: content.count)
        bytes += content
        pad()
    }

    /// The archive.
    func finish() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    private mutating func header(_ name: String, type: UInt8, mode: Int, owner: (user: Int, group: Int), size: Int) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(min(max(owner.user, 0), 0o7777777), 7), at: 108)
        put(octal(min(max(owner.group, 0), 0o7777777), 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        block[156] = type
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6), at: 148)
        block[154] = 0
        bytes += block
    }

    private mutating func pad() {
        let rest = bytes.count % 512
        if rest > 0 { bytes += [UInt8](repeating: 0, count: 512 - rest) }
    }
}

/// Finds the first file of an archive.
enum TarReader {
    static func firstFile(in bytes: [UInt8]) -> [UInt8]? {
        var offset = 0
        while bytes.count - offset >= 512 {
            let header = bytes[offset..<offset + 512]
            guard header.contains(where: { $0 != 0 }) else { return nil }
            let digits = header[(offset + 124)..<(offset + 136)].prefix {
                (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0)
            }
            let size = digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
            guard size >= 0, bytes.count - offset - 512 >= size else { return nil }
            let type = header[offset + 156]
            if type == 0 || type == UInt8(ascii: "0") { return Array(bytes[(offset + 512)..<(offset + 512 + size)]) }
            offset += 512 + (size + 511) / 512 * 512
        }
        return nil
    }
}
