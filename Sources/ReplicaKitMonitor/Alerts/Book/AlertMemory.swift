import Foundation
import Logging
import ReplicaKit
import Synchronization

/// The file that holds an ``AlertBook`` while nobody runs: JSON of mode 0600, without secrets.
///
/// A disk may take seconds for a write: it holds up a background thread, and no task.
final class AlertMemory: Sendable {
    let path: String
    /// The version that was written last. It is locked while something is written.
    private let written = Mutex(0)

    init(path: String) { self.path = path }

    private struct Content: Codable {
        var format = 1
        var alerts: AlertBook
    }

    /// What was written last; an empty book where nothing was.
    ///
    /// - Throws: ``ReplicaKitError/Code/fileUnreadable`` when a file is there that cannot be read. One that is no book
    ///   is put aside: telling somebody twice is better than telling nobody.
    static func read(_ path: String, _ logger: Logger) throws(ReplicaKitError) -> AlertBook {
        guard FileManager.default.fileExists(atPath: path) else { return AlertBook() }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ReplicaKitError(
                .fileUnreadable,
                "cannot read \(path), which holds who was told of which alert",
                hint: "Make it readable, or remove it: then everything that is wrong is told again.",
                cause: error
            )
        }
        if let content = try? JSONDecoder().decode(Content.self, from: data), content.format == 1 {
            return content.alerts
        }
        let aside = path + ".unreadable"
        try? FileManager.default.removeItem(atPath: aside)
        try? FileManager.default.moveItem(atPath: path, toPath: aside)
        logger.error("\(path) is no record of alerts: it is \(aside) now, and what is wrong is told again")
        return AlertBook()
    }

    /// Writes a book in the place of what was there, whole or not at all.
    ///
    /// - Parameters:
    ///   - book: What is written.
    ///   - version: Its number, from 1 on. What is older than what was written is known already.
    func write(_ book: AlertBook, version: Int) async throws {
        try await onBackgroundThread {
            try self.written.withLock { written in
                guard version > written else { return }
                try self.write(book)
                written = version
            }
        }
    }

    private func write(_ book: AlertBook) throws(ReplicaKitError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text: String
        do {
            text = String(decoding: try encoder.encode(Content(alerts: book)), as: UTF8.self)
        } catch {
            throw ReplicaKitError(.fileUnwritable, "cannot encode the record of alerts", cause: error)
        }
        try SecretFile(path: path).replace(with: text)
    }
}
