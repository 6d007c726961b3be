import Glibc

/// Gives the lines of a log one by one as they are asked for, and waits for more where it is followed.
actor LogReader {
    private let path: String
    private let lastLines: Int
    private let follow: Bool
    private let clock: any Clock<Duration>

    private var file: OpenFile?
    private var begun = false
    private var offset = 0
    /// Bytes that were read and not handed out; complete lines first.
    private var buffer: [UInt8] = []
    private var consumed = 0
    /// Up to where the buffer is known to have no line end after ``consumed``.
    private var searched = 0

    /// A line longer than this is handed out in parts.
    private let longestLine = 1 << 20

    init(path: String, lastLines: Int, follow: Bool, clock: any Clock<Duration>) {
        (self.path, self.lastLines, self.follow, self.clock) = (path, lastLines, follow, clock)
    }

    /// The next line, or `nil` at the end, which a followed log has only by cancellation.
    func next() async throws -> String? {
        if !begun { try await begin() }
        while true {
            if let line = completeLine() { return line }
            if try readMore() { continue }
            guard follow else { return lastPart() }
            if let part = try renew() { return part }
            do { try await clock.sleep(for: .milliseconds(50)) } catch { return nil }
        }
    }

    private func begin() async throws {
        begun = true
        guard let opened = try open() else { return }
        file = opened
        offset = try await LogTail.offset(ofLastLines: lastLines, in: opened.descriptor, path)
    }

    private func completeLine() -> String? {
        let end: Int
        if let newline = LogTail.firstNewline(in: buffer, from: max(searched, consumed)) {
            end = newline
        } else if buffer.count - consumed >= longestLine {
            end = buffer.count
        } else {
            searched = buffer.count
            return nil
        }
        let line = String(decoding: buffer[consumed..<end], as: UTF8.self)
        consumed = min(end + 1, buffer.count)
        return line
    }

    /// What is left without a line end.
    private func lastPart() -> String? {
        guard consumed < buffer.count else { return nil }
        let line = String(decoding: buffer[consumed...], as: UTF8.self)
        (buffer, consumed, searched) = ([], 0, 0)
        return line
    }

    private func readMore() throws -> Bool {
        guard let file else { return false }
        let block = try readBlock(of: file.descriptor, at: offset, count: LogTail.blockSize, path)
        guard !block.isEmpty else { return false }
        buffer.removeFirst(consumed)
        searched = max(0, searched - consumed)
        consumed = 0
        buffer += block
        offset += block.count
        return true
    }

    /// Follows the path to a file that took its place, or back to the start of one that was truncated.
    ///
    /// - Returns: What the old file ended in without a line end.
    private func renew() throws -> String? {
        guard let status = FileStatus(of: path) else { return nil }
        if let file, file.inode == status.inode {
            if status.size < offset { offset = 0 }
            return nil
        }
        guard let opened = try open() else { return nil }
        let part = lastPart()
        file = opened
        offset = 0
        return part
    }

    private func open() throws -> OpenFile? {
        do {
            return try OpenFile(path)
        } catch let error as SystemError where error.code == ENOENT {
            return nil
        }
    }
}

/// An open file that can be kept in a property.
private final class OpenFile: Sendable {
    let descriptor: Descriptor
    let inode: UInt64

    init(_ path: String) throws {
        descriptor = try Descriptor(opening: path, O_RDONLY)
        inode = FileStatus(ofOpen: descriptor)?.inode ?? 0
    }
}
