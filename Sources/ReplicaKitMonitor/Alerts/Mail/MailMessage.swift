import Foundation
import ReplicaKit

/// An e-mail in plain text (RFC 5322), in ASCII whatever it says.
struct MailMessage: Sendable, Hashable {
    var from: String
    var to: [String]
    var subject: String
    var date: Date
    /// Without angle brackets, as are the references.
    var id: String
    /// What it belongs to: mail programs put messages with a reference in common together.
    var references: [String]
    var body: String

    /// The message as it is sent, lines ended by CR LF.
    var text: String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        let headers = [
            ("From", "<\(from)>"), ("To", to.map { "<\($0)>" }.joined(separator: ",\r\n ")),
            ("Subject", Self.headerText(subject)), ("Date", format.string(from: date)), ("Message-ID", "<\(id)>"),
            ("References", references.map { "<\($0)>" }.joined(separator: "\r\n ")),
            ("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable"),
        ]
        let lines = headers.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)\r\n" }
        return lines.joined() + "\r\n" + Self.quotedPrintable(body)
    }

    /// The message as `DATA` takes it: a line that begins with a dot gets another, and a single one ends it. The last
    /// line end is left to whoever says it.
    var dotStuffed: String {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let stuffed = lines.map { $0.hasPrefix(".") ? "." + $0 : String($0) }
        return stuffed.joined(separator: "\r\n") + (stuffed.last?.isEmpty == true ? "." : "\r\n.")
    }

    /// A text as a header's value: what is not printable ASCII in encoded words (RFC 2047). It cannot begin another
    /// header, because no line end comes through.
    static func headerText(_ text: String) -> String {
        let line = String(
            text.map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 32 } ? " " : $0 }.prefix(200)
        )
        if line.utf8.allSatisfy({ (32...126).contains($0) }), !line.contains("=?") { return line }
        var words: [String] = []
        var word = ""
        for character in line {
            // 75 characters at most, with 12 around the base64.
            if word.utf8.count + character.utf8.count > 45 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// A text in quoted-printable (RFC 2045), in lines of at most 76 characters.
    static func quotedPrintable(_ text: String) -> String {
        var result = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            var length = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isSpaceAtEnd = byte == 32 && index == bytes.count - 1
                let isPlain = (32...126).contains(byte) && byte != UInt8(ascii: "=") && !isSpaceAtEnd
                let hex = String(byte, radix: 16, uppercase: true)
                let piece = isPlain ? String(UnicodeScalar(byte)) : (byte < 16 ? "=0" : "=") + hex
                if length + piece.utf8.count > 75 {
                    result += "=\r\n"
                    length = 0
                }
                result += piece
                length += piece.utf8.count
            }
            result += "\r\n"
        }
        return result
    }
}
