import ReplicaKit

/// Reads whole what a restore needs of the archive of the oplog: a slice that is damaged is found before the target is
/// touched, and not when the replay has come to it.
struct ArchiveCheck: Sendable {
    let manifest: BackupManifest
    let selection: NamespaceSelection
    let store: any BackupStore
    let report: @Sendable (BackupEvent) -> Void

    /// Reads it, through a moment that is after the backup's own.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` with the name of the first slice that is not as it should be;
    ///   ``ReplicaKitError/Code/refused`` for a moment at which what is wanted was being restored itself.
    func run(through: BSONTimestamp) async throws {
        report(.phase("check the archive of the oplog"))
        var reader = try await OplogArchive(store: store)
            .entries(from: manifest.archiveStart, through: through, of: manifest.setID)
        let slices = Array(reader.slices)
        let sizes = try await sizes(of: reader.timeline)
        let progress = ByteProgress(total: slices.reduce(0) { $0 + (sizes[$1.name] ?? 0) }, report: report)
        var counted = 0
        var watch = RestoreWatch()
        while let batch = try await reader.next() {
            for entry in try batch.documents() { watch.follow(entry) }
            // One is being read, and no more among those to come.
            let read = slices.count - reader.slices.count - 1
            guard read > counted else { continue }
            await progress.add(slices[counted..<read].reduce(0) { $0 + (sizes[$1.name] ?? 0) })
            counted = read
        }
        guard let since = watch.since, watch.concerns(selection) else { return }
        throw halfRestored(through, since, try await end(of: watch, after: through, in: reader.timeline))
    }

    private func halfRestored(
        _ moment: BSONTimestamp,
        _ since: BSONTimestamp,
        _ end: BSONTimestamp?
    ) -> ReplicaKitError {
        func argument(_ timestamp: BSONTimestamp) -> String { "\(timestamp.seconds),\(timestamp.increment)" }
        let later = end.map { ", or a moment from \(argument($0)) on" } ?? "; the archive does not have its end"
        return ReplicaKitError(
            .refused,
            "at \(moment) a restore into the set was under way, and what it held then is half of that",
            hint: "Take a moment up to \(argument(BSONTimestamp(rawValue: since.rawValue - 1)))\(later)."
        )
    }

    /// The entry with which a restore ends that is under way; `nil` where the archive does not have it.
    private func end(
        of restore: RestoreWatch,
        after moment: BSONTimestamp,
        in timeline: OplogTimeline
    ) async throws -> BSONTimestamp? {
        let window = timeline.windows.first { $0.covers(from: manifest.archiveStart, through: moment) }
        guard let last = window?.last, last > moment else { return nil }
        var reader = try await OplogArchive(store: store)
            .entries(from: BSONTimestamp(rawValue: moment.rawValue + 1), through: last, of: manifest.setID)
        var watch = restore
        while let batch = try await reader.next() {
            for entry in try batch.documents() {
                watch.follow(entry)
                if watch.since == nil { return entry["ts"]?.timestampValue }
            }
        }
        return nil
    }

    private func sizes(of timeline: OplogTimeline) async throws -> [String: Int] {
        let objects = try await store.list("\(OplogTimeline.folder)/\(timeline.id)/")
        return Dictionary(objects.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }
}
