import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup list`.
struct BackupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the backups, the oldest first."
    )

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform(on: place) { keeper, session in
            try Self.show(try await keeper.contents(), session.output)
        }
    }

    private static func show(_ contents: BackupCatalogue.Contents, _ output: Output) throws {
        try output.result {
            lines(contents.backups, output.paint, width: output.width)
                + contents.interrupted.map { "\($0) was interrupted: rkctl backup create --resume \($0)" }
        } json: {
            [
                "backups": .array(BSONArray(contents.backups.map { .document($0.json) })),
                "interrupted": .array(BSONArray(contents.interrupted.map { .string($0.rawValue) })),
            ]
        }
    }

    private static func lines(_ backups: [CataloguedBackup], _ paint: Paint, width: Int?) -> [String] {
        guard !backups.isEmpty else { return ["there are no backups"] }
        var table = Table(columns: [
            .init(title: "BACKUP"), .init(title: "SET"), .init(title: "MODE"), .init(title: "MOMENT"),
            .init(title: "DOCUMENTS", alignsRight: true), .init(title: "FILES", alignsRight: true),
            .init(title: "VERIFIED"), .init(title: "TAGS"),
        ])
        table.rows = backups.map { backup in
            guard let manifest = try? backup.manifest.get() else {
                return [.init(backup.id.rawValue), .init("unreadable", .red)]
            }
            let moment = BSONDateTime(milliseconds: Int64(manifest.end.timestamp.seconds) * 1000).rfc3339
            return [
                .init(backup.id.rawValue), .init(manifest.set), .init(manifest.mode.rawValue), .init(moment),
                .init("\(manifest.documents)"), .init(Format.bytes(manifest.bytes)), backup.verdict,
                .init(backup.notes.tags.joined(separator: ", ")),
            ]
        }
        return table.lines(paint, width: width)
    }
}

extension CataloguedBackup {
    fileprivate var verdict: Table.Cell {
        guard let verdict = notes.verdict else { return .init("no", .dim) }
        return verdict.isGood ? .init("\(verdict.method.rawValue)", .green) : .init("BAD", .red)
    }

    /// For programs.
    var json: BSONDocument {
        var document: BSONDocument = ["id": .string(id.rawValue)]
        switch manifest {
        case .success(let manifest):
            document.append("set", .string(manifest.set))
            document.append("mode", .string(manifest.mode.rawValue))
            document.append("clusterTime", .timestamp(manifest.end.timestamp))
            document.append("finishedAt", .string(manifest.finishedAt.rfc3339))
            document.append("collections", .integer(manifest.collections.count))
            document.append("documents", .integer(manifest.documents))
            document.append("bytes", .integer(manifest.bytes))
        case .failure(let error): document.append("error", .string(error.message))
        }
        document.append("tags", .array(BSONArray(notes.tags.map { .string($0) })))
        if let verdict = notes.verdict {
            document.append("verifiedAt", .string(verdict.at.rfc3339))
            document.append("verifiedBy", .string(verdict.method.rawValue))
            document.append("problems", .array(BSONArray(verdict.problems.map { .string($0) })))
        }
        return document
    }
}
