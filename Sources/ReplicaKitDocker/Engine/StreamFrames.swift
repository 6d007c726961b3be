/// Takes apart the frames in which an engine sends output: 8 bytes (stream, three zeros, length) and a payload.
struct StreamFrames {
    private var buffer: [UInt8] = []

    /// Engines cut payloads at 16 KiB; a length beyond this is no frame.
    static let longestFrame = 16 << 20

    /// Why bytes are no frames.
    struct Malformed: Error, Sendable { var text: String }

    /// A part of one stream: 1 is standard output, 2 standard error, 3 the engine's own words.
    struct Frame {
        var stream: UInt8
        var payload: ArraySlice<UInt8>
    }

    /// Takes bytes as they come, and gives the frames that are complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [Frame] {
        buffer.append(contentsOf: bytes)
        var frames: [Frame] = []
        var offset = 0
        while buffer.count - offset >= 8 {
            let header = buffer[offset..<offset + 8]
            let stream = header[offset]
            guard stream <= 3, header[(offset + 1)...(offset + 3)].allSatisfy({ $0 == 0 }) else {
                throw Malformed(text: "a frame begins with \(Array(header))")
            }
            let length = header.suffix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= Self.longestFrame else { throw Malformed(text: "a frame claims \(length) bytes") }
            guard buffer.count - offset - 8 >= length else { break }
            frames.append(Frame(stream: stream, payload: buffer[(offset + 8)..<(offset + 8 + length)]))
            offset += 8 + length
        }
        buffer.removeFirst(offset)
        return frames
    }

    /// Checks that nothing was cut off at the end.
    func finish() throws(Malformed) {
        guard buffer.isEmpty else { throw Malformed(text: "the output ends inside a frame (\(buffer.count) bytes)") }
    }
}
