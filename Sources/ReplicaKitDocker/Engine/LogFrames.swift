import ReplicaKit

/// Takes apart what an engine sends of a container's output: frames of 8 bytes (stream, three zeros, length) and a
/// payload, or raw bytes where the container has a terminal. Lines may go over frames; each stream has its own.
struct LogFrames {
    /// How the output comes.
    let isRaw: Bool
    private var buffer: [UInt8] = []
    private var open: [UInt8: [UInt8]] = [:]

    /// Engines cut payloads at 16 KiB; a length beyond this is no frame.
    static let longestFrame = 16 << 20
    /// A line longer than this is handed out in parts.
    static let longestLine = 1 << 20

    init(isRaw: Bool) { self.isRaw = isRaw }

    /// Why bytes are no frames.
    struct Malformed: Error, Sendable { var text: String }

    /// Takes bytes as they come, and gives the lines that are complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [String] {
        buffer.append(contentsOf: bytes)
        var lines: [String] = []
        if isRaw {
            add(buffer[...], of: 1, to: &lines)
            buffer = []
            return lines
        }
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
            add(buffer[(offset + 8)..<(offset + 8 + length)], of: stream, to: &lines)
            offset += 8 + length
        }
        buffer.removeFirst(offset)
        return lines
    }

    /// What is left at the end: lines without an end; a frame that was cut off is an error.
    mutating func finish() throws(Malformed) -> [String] {
        guard buffer.isEmpty else { throw Malformed(text: "the output ends inside a frame (\(buffer.count) bytes)") }
        let rest = open.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isEmpty }
        open = [:]
        return rest.map { Self.text($0) }
    }

    private mutating func add(_ payload: ArraySlice<UInt8>, of stream: UInt8, to lines: inout [String]) {
        var rest = open[stream, default: []]
        for byte in payload {
            if byte == UInt8(ascii: "\n") || rest.count >= Self.longestLine {
                lines.append(Self.text(rest))
                rest = []
                if byte == UInt8(ascii: "\n") { continue }
            }
            rest.append(byte)
        }
        open[stream] = rest
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
