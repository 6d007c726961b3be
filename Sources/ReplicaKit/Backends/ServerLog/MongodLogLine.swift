#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One line of a `mongod` log: JSON since 4.4, plain text where the server could not log yet.
package struct MongodLogLine: Sendable {
    /// `F`, `E`, `W`, `I` or `D` with a digit; empty for plain text.
    package let severity: String
    package let component: String
    package let id: Int
    package let message: String
    package let attributes: JSONText?
    package let tags: [String]

    /// The id of "Rollback summary", which a member writes after it has taken writes back.
    static let rollbackSummary = 21_612

    /// Reads a line; `nil` when it is empty, or the beginning of one that was cut off.
    package init?(_ line: some StringProtocol) {
        guard line.contains(where: { !$0.isWhitespace }) else { return nil }
        if let parsed = try? JSONDecoder().decode(Wire.self, from: Data(line.utf8)) {
            severity = parsed.s
            component = parsed.c ?? "-"
            id = parsed.id ?? 0
            message = parsed.msg ?? ""
            attributes = parsed.attr
            tags = parsed.tags ?? []
        } else if line.hasPrefix("{\"t\":") {
            return nil
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
    package var reduced: String {
        let parts = [
            severity.isEmpty ? "" : "\(severity) \(component): ", message, attributes.map { " " + $0.rendered } ?? "",
        ]
        let text = parts.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }.joined()
        let shown = KeyFileText.redacted(text)
        return shown.count > 400 ? shown.prefix(399) + "…" : shown
    }

    /// Whether the line says why something failed: warnings, errors and fatal lines but for the advice that every
    /// start gives, and plain text.
    package var isTrouble: Bool {
        if tags.contains("startupWarnings") || Self.harmless.contains(id) { return false }
        if Self.telling.contains(id) { return true }
        return severity.isEmpty || ["F", "E", "W"].contains(severity)
    }

    /// "Read security file failed" is logged as information.
    private static let telling: Set<Int> = [20254]
    /// "No TransportLayer configured during NetworkInterface startup", at every start of older servers.
    private static let harmless: Set<Int> = [22601]

    /// The last lines that matter, readable: those that tell of trouble, or the very last when none does.
    package static func summary(of log: String, limit: Int = 8) -> [String] {
        let lines = log.split(whereSeparator: \.isNewline).compactMap { Self($0) }
        let trouble = lines.filter(\.isTrouble)
        var seen: Set<String> = []
        let chosen = (trouble.isEmpty ? lines : trouble).map(\.reduced).reversed().filter { seen.insert($0).inserted }
        return chosen.prefix(limit).reversed()
    }
}
