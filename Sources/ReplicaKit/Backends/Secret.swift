/// A string that must not be seen: a password or the content of a keyfile.
///
/// It prints as `<redacted>` wherever it is interpolated, dumped or logged, and is not `Codable`, so it cannot
/// slip into a journal. Only ``reveal()`` gives the text; search for it to find every use.
public struct Secret: Sendable, Hashable {
    private let text: String

    /// Wraps a secret.
    public init(_ text: String) { self.text = text }

    /// The secret itself. Never log, print, store or pass what this returns as a process argument.
    public func reveal() -> String { text }

    /// Whether the secret has no characters.
    public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// No children: `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
