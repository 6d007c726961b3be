import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup show`.
struct BackupShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a backup holds."
    )

    @OptionGroup var argument: BackupArgument
    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let (manifest, notes) = try await keeper.backup(argument.backup)
        try session.output.result {
            Self.lines(manifest, notes, session.output.paint)
        } json: {
            var document = try BSONEncoder().encode(manifest)
            document.append("tags", .array(BSONArray(notes.tags.map { .string($0) })))
            if let verdict = notes.verdict {
                document.append("verdict", .document(try BSONEncoder().encode(verdict)))
            }
            return document
        }
    }

    private static func lines(_ manifest: BackupManifest, _ notes: BackupNotes, _ paint: Paint) -> [String] {
        var table = Table(columns: [
            .init(title: "NAMESPACE"), .init(title: "KIND"), .init(title: "DOCUMENTS", alignsRight: true),
            .init(title: "BYTES", alignsRight: true), .init(title: "INDEXES", alignsRight: true),
        ])
        table.rows = manifest.collections.map { collection in
            [
                .init(collection.namespace.description), .init(collection.kind.rawValue),
                .init(collection.data.map { "\($0.documents)" } ?? "–"),
                .init(collection.data.map { Format.bytes($0.documentBytes) } ?? "–"), .init("\(collection.indexes)"),
            ]
        }
        let verdict = notes.verdict.map { verdict in
            verdict.isGood
                ? "good (\(verdict.method.rawValue)) on \(verdict.at)"
                : "BAD: \(verdict.problems.joined(separator: "; "))"
        }
        return [
            "\(manifest.id) of \(manifest.set), mongod \(manifest.serverVersion), read from \(manifest.member)",
            "\(manifest.mode.rawValue), consistent at \(manifest.end.timestamp) "
                + "(\(BSONDateTime(milliseconds: Int64(manifest.end.timestamp.seconds) * 1000)))",
            "\(manifest.documents) documents, \(Format.bytes(manifest.documentBytes)) "
                + "in \(Format.bytes(manifest.bytes)) of files (\(manifest.compression.rawValue))",
            "verified: \(verdict ?? "never")",
            "tags: \(notes.tags.isEmpty ? "none" : notes.tags.joined(separator: ", "))",
        ] + table.lines(paint)
    }
}
