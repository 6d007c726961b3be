import ReplicaKit

/// Makes lines of what an engine sends of a container's output: frames, or raw bytes where the container has a terminal.
/// Lines may go over frames; each stream has its own.
struct LogFrames {
    /// Whether the container has a terminal.
    let isRaw: Bool
    /// Whether the engine was asked to put the time before what it sends.
    let hasTimes: Bool
    private var frames = StreamFrames()
    private var open: [UInt8: Line] = [:]

    /// A line longer than this is handed out in parts.
    static let longestLine = 1 << 20

    /// A line without its end.
    struct Line {
        var time: EngineTime?
        var bytes: [UInt8] = []

        var text: String {
            String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...], as: UTF8.self)
        }
    }

    init(isRaw: Bool, hasTimes: Bool = false) { (self.isRaw, self.hasTimes) = (isRaw, hasTimes) }

    /// Takes bytes as they come, and gives the lines that are complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(StreamFrames.Malformed) -> [Line] {
        var lines: [Line] = []
        if isRaw {
            add(Array(bytes)[...], of: 1, to: &lines)
            return hasTimes ? lines.map { Self.timed($0) } : lines
        }
        for frame in try frames.feed(bytes) {
            // A frame is one message, or a part of a long one; the time is before each.
            let message = hasTimes ? Self.timed(Line(bytes: Array(frame.payload))) : Line(bytes: Array(frame.payload))
            if let time = message.time { open[frame.stream, default: Line()].time = time }
            add(message.bytes[...], of: frame.stream, to: &lines)
        }
        return lines
    }

    /// What is left at the end: lines without an end; a frame that was cut off is an error.
    mutating func finish() throws(StreamFrames.Malformed) -> [Line] {
        try frames.finish()
        let rest = open.sorted { $0.key < $1.key }.map(\.value).filter { !$0.bytes.isEmpty }
        open = [:]
        return isRaw && hasTimes ? rest.map { Self.timed($0) } : rest
    }

    private mutating func add(_ payload: ArraySlice<UInt8>, of stream: UInt8, to lines: inout [Line]) {
        var line = open[stream, default: Line()]
        for byte in payload {
            if byte == UInt8(ascii: "\n") || line.bytes.count >= Self.longestLine {
                lines.append(line)
                line.bytes = []
                if byte == UInt8(ascii: "\n") { continue }
            }
            line.bytes.append(byte)
        }
        open[stream] = line
    }

    /// Takes the time off the beginning.
    private static func timed(_ line: Line) -> Line {
        guard let end = line.bytes.prefix(40).firstIndex(of: UInt8(ascii: " ")),
            let time = EngineTime(String(decoding: line.bytes[..<end], as: UTF8.self))
        else { return line }
        return Line(time: time, bytes: Array(line.bytes[(end + 1)...]))
    }
}
