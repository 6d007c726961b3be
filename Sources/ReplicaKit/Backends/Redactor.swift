/// Takes secrets out of text that a library or a server wrote.
package struct Redactor: Sendable {
    private let secrets: [Secret]

    /// Creates a redactor of these secrets.
    ///
    /// Secrets of fewer than four characters are left alone: they would be found everywhere, and the gaps would show
    /// them.
    package init(_ secrets: [Secret]) {
        self.secrets = secrets.filter { $0.reveal().count >= 4 }
    }

    /// The text with `<redacted>` in every secret's place.
    package func redact(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.split(separator: secret.reveal(), omittingEmptySubsequences: false).joined(separator: "<redacted>")
        }
    }
}
