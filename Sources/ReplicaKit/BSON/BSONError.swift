/// Why bytes, text or a value could not be read as BSON or written as BSON.
public struct BSONError: Error, Sendable, Hashable {
    /// The stable part of a ``BSONError``: match on this, not on the message.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// A length prefix is negative, too small, or runs past the end of what holds it.
        case invalidLength
        /// The bytes end in the middle of a value.
        case truncated
        /// The zero byte that must end a document, string or key is missing.
        case missingTerminator
        /// Bytes are left over after the end of the document.
        case trailingBytes
        /// The type byte is none that BSON defines.
        case unknownType
        /// A boolean is neither 0 nor 1.
        case invalidBoolean
        /// Text is not valid UTF-8.
        case invalidUTF8
        /// A key, or a part of a regular expression, contains a NUL.
        case embeddedNull
        /// The lengths inside a binary value of subtype 2 disagree.
        case invalidBinary
        /// Documents are nested more deeply than the limit allows.
        case tooDeep
        /// A value does not fit the type or the range that is asked for.
        case invalidValue
        /// Text is not valid JSON.
        case invalidJSON
        /// JSON text is valid, but not valid Extended JSON.
        case invalidExtendedJSON
        /// The document would be longer than BSON's length prefix can say.
        case tooLarge
    }

    /// What kind of mistake it is.
    public var reason: Reason
    /// Where it is, in bytes from the start of the bytes or text being read; nil where there is no such place.
    public var offset: Int?
    /// The keys that lead to the value, outermost first; array indexes are decimal strings.
    public var keyPath: [String]
    /// The mistake in words, without the place.
    public var message: String

    /// Makes an error.
    public init(_ reason: Reason, _ message: String, offset: Int? = nil, keyPath: [String] = []) {
        self.reason = reason
        self.message = message
        self.offset = offset
        self.keyPath = keyPath
    }
}

extension BSONError: CustomStringConvertible {
    /// The message with its key path and offset, for people.
    public var description: String {
        var text = message
        if !keyPath.isEmpty {
            text += " (at \(keyPath.joined(separator: ".")))"
        }
        if let offset {
            text += " (byte \(offset))"
        }
        return text
    }
}
