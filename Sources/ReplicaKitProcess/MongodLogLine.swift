import FoundationEssentials

/// One line of a `mongod` log: JSON since 4.4, plain text where the server could not log yet.
struct MongodLogLine: Sendable {
    /// `F`, `E`, `W`, `I` or `D` with a digit; empty for plain text.
    let severity: String
    let component: String
    let id: Int
    let message: String
    let attributes: JSONText?
    let tags: [String]

    /// Reads a line; `nil` when it is empty.
    init?(_ line: some StringProtocol) {
        guard line.contains(where: { !$0.isWhitespace }) else { return nil }
        if let parsed = try? JSONDecoder().decode(Wire.self, from: Data(line.utf8)) {
            severity = parsed.s
            component = parsed.c ?? "-"
            id = parsed.id ?? 0
            message = parsed.msg ?? ""
            attributes = parsed.attr
            tags = parsed.tags ?? []
        } else {
            (severity, component, id, message, attributes, tags) = ("", "", 0, String(line), nil, [])
        }
    }

    private struct Wire: Decodable {
        let s: String
        let c: String?
        let id: Int?
        let msg: String?
        let attr: JSONText?
        let tags: [String]?
    }

    /// The line for a person: severity, component, message and, shortened, the attributes.
    var reduced: String {
        var text = severity.isEmpty ? message : "\(severity) \(component): \(message)"
        if let attributes { text += " \(attributes.rendered)" }
        text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return text.count > 400 ? text.prefix(399) + "…" : text
    }

    /// Whether the line says why something failed: warnings, errors and fatal lines but for the advice that every
    /// start gives, and plain text.
    var isTrouble: Bool {
        if tags.contains("startupWarnings") || Self.harmless.contains(id) { return false }
        if Self.telling.contains(id) { return true }
        return severity.isEmpty || ["F", "E", "W"].contains(severity)
    }

    /// "Read security file failed" is logged as information.
    private static let telling: Set<Int> = [20254]
    /// "No TransportLayer configured during NetworkInterface startup", at every start of older servers.
    private static let harmless: Set<Int> = [22601]

    /// The last lines that matter, readable: those that tell of trouble, or the very last when none does.
    static func summary(of log: String, limit: Int = 8) -> [String] {
        let lines = log.split(whereSeparator: \.isNewline).compactMap { Self($0) }
        let trouble = lines.filter(\.isTrouble)
        var seen: Set<String> = []
        let chosen = (trouble.isEmpty ? lines : trouble).map(\.reduced).reversed().filter { seen.insert($0).inserted }
        return chosen.prefix(limit).reversed()
    }
}
