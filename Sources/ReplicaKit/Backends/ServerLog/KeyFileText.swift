/// Checks a keyfile's content before any server sees it.
///
/// It must not be left to `mongod`: one that finds a character it does not take writes the whole key into its log.
package enum KeyFileText {
    /// Why a server would refuse the content, without a word of it; `nil` when it would not.
    ///
    /// A keyfile is one key, or a YAML list of two while keys are being changed. A key has 6 to 1024 characters of
    /// the base64 alphabet; white space does not count.
    package static func problem(in text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        let isList = lines.contains { $0.hasPrefix("- ") }
        let keys = isList ? lines.map { String($0.hasPrefix("- ") ? $0.dropFirst(2) : $0) } : [lines.joined()]
        for key in keys {
            var characters = key.filter { !$0.isWhitespace }[...]
            if let quote = characters.first, quote == "\"" || quote == "'", characters.count > 1,
                characters.last == quote
            {
                characters = characters.dropFirst().dropLast()
            }
            guard characters.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) }) else {
                return "it has a character that is not of the base64 alphabet"
            }
            guard (6...1024).contains(characters.count) else {
                return "a key has 6 to 1024 characters, and this has \(characters.count)"
            }
        }
        return nil
    }

    /// A server's message without the key that it may quote.
    package static func redacted(_ message: String) -> String {
        guard let quote = message.firstRange(of: "invalid char in key file") else { return message }
        return message[..<quote.upperBound] + " <redacted>"
    }
}
