extension MemberAddress {
    /// Takes the text by which a server names a member.
    ///
    /// Servers take host names that ``init(_:)`` refuses; such a member must still be found and shown, so this takes
    /// any text: what follows the last colon is the port if it is a number.
    init(fromServer text: String) {
        if let address = try? MemberAddress(text) {
            self = address
        } else if let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) {
            self.init(host: String(text[..<colon]), port: port)
        } else {
            self.init(host: text, port: Self.defaultPort)
        }
    }
}
