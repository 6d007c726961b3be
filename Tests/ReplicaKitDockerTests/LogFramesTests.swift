import Testing

@testable import ReplicaKitDocker

@Suite("Frames of a container's output")
struct LogFramesTests {
    private static func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let length = UInt32(text.utf8.count)
        return [stream, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + text.utf8
    }

    @Test(
        "Lines go over frames, streams do not mix, and it does not matter how the bytes come",
        arguments: [1, 3, 7, 1000]
    )
    func pieces(size: Int) throws {
        let bytes =
            Self.frame(1, "one\ntw") + Self.frame(2, "err") + Self.frame(1, "o\r\n\nlast") + Self.frame(2, "or\n")
            + Self.frame(1, "")
        var frames = LogFrames(isRaw: false)
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += try frames.feed(bytes[start..<min(start + size, bytes.count)]).map(\.text)
        }
        #expect(lines == ["one", "two", "", "error"])
        #expect(try frames.finish().map(\.text) == ["last"])
    }

    @Test("With a terminal there are no frames")
    func raw() throws {
        var frames = LogFrames(isRaw: true)
        #expect(try frames.feed(Array("a\r\nb".utf8)).map(\.text) == ["a"])
        #expect(try frames.finish().map(\.text) == ["b"])
    }

    @Test(
        "Times are taken off, before lines of a terminal and before the parts of a long line",
        arguments: [true, false]
    )
    func times(isRaw: Bool) throws {
        let (first, second) = ("2026-11-24T12:00:00.000000001Z", "2026-11-24T12:00:00.5Z")
        var frames = LogFrames(isRaw: isRaw, hasTimes: true)
        let bytes =
            isRaw
            ? Array("\(first) one\n\(second) \n".utf8)
            : Self.frame(1, "\(first) o") + Self.frame(1, "\(first) ne\n") + Self.frame(2, "\(second) \n")
        let lines = try frames.feed(bytes)
        #expect(lines.map(\.text) == ["one", ""])
        let times = try [first, second].map { try #require(EngineTime($0)) }
        #expect(lines.map(\.time) == times)
        #expect(times.map(\.since) == ["1795521600.000000001", "1795521600.500000000"])
    }

    @Test("A cut header, an absurd length and what is no frame are errors, not crashes")
    func malformed() throws {
        var cut = LogFrames(isRaw: false)
        #expect(try cut.feed([1, 0, 0]).isEmpty)
        #expect(throws: StreamFrames.Malformed.self) { _ = try cut.finish() }
        var absurd = LogFrames(isRaw: false)
        #expect(throws: StreamFrames.Malformed.self) { _ = try absurd.feed([1, 0, 0, 0, 255, 255, 255, 255]) }
        var text = LogFrames(isRaw: false)
        #expect(throws: StreamFrames.Malformed.self) { _ = try text.feed(Array("page not found".utf8)) }
    }
}
