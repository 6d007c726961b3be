import NIOCore

/// One reply of a mail server: a code of three digits, and lines.
struct SMTPReply: Sendable, Hashable {
    var code: Int
    var lines: [String]

    /// The lines as one.
    var text: String { lines.joined(separator: " ") }

    /// No reply is longer.
    static let longest = 65_536

    /// Takes the first whole reply out of what was received.
    ///
    /// - Returns: `nil` while it is not whole.
    /// - Throws: ``DeliveryFailure`` for what no mail server says.
    static func take(from buffer: inout ByteBuffer) throws -> SMTPReply? {
        let bytes = buffer.readableBytesView
        var lines: [String] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = bytes[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let digits = line.prefix(3)
            guard digits.count == 3, let code = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(code)
            else { throw noMailServer(line) }
            let separator = line.dropFirst(3).first
            guard separator == nil || separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else {
                throw noMailServer(line)
            }
            lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
            start = bytes.index(after: end)
            if separator != UInt8(ascii: "-") {
                buffer.moveReaderIndex(forwardBy: bytes.distance(from: bytes.startIndex, to: start))
                return SMTPReply(code: code, lines: lines)
            }
        }
        guard bytes.count < longest else { throw DeliveryFailure(message: "its reply does not end") }
        return nil
    }

    private static func noMailServer(_ line: ByteBufferView) -> DeliveryFailure {
        DeliveryFailure(
            message: "this is no reply of a mail server: \(String(decoding: line.prefix(100), as: UTF8.self))"
        )
    }
}
