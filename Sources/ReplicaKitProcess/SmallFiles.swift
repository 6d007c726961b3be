import Glibc

/// The content of a small file, such as those of `/proc`; what is beyond the limit is left out.
func readSmallFile(_ path: String, limit: Int = 1 << 20) throws -> String {
    String(decoding: try readSmallFileBytes(path, limit: limit), as: UTF8.self)
}

/// The bytes of a small file; what is beyond the limit is left out.
func readSmallFileBytes(_ path: String, limit: Int = 1 << 20) throws -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    var content: [UInt8] = []
    while content.count < limit {
        let block = try readBlock(of: file, at: nil, count: min(65536, limit - content.count), path)
        if block.isEmpty { break }
        content += block
    }
    return content
}

/// Up to `count` bytes from an offset, or from where the last read ended.
func readBlock(of file: borrowing Descriptor, at offset: Int?, count: Int, _ path: String) throws -> [UInt8] {
    let raw = file.raw
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        var got = -1
        repeat {
            got =
                offset.map { pread(raw, buffer.baseAddress, count, off_t($0)) } ?? read(raw, buffer.baseAddress, count)
        } while got < 0 && errno == EINTR
        if got < 0 { throw SystemError("read", path) }
        initialized = got
    }
}

/// The names in a directory.
func namesInDirectory(_ path: String) throws -> [String] {
    guard let stream = opendir(path) else { throw SystemError("opendir", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}
