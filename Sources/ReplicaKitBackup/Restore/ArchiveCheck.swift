import ReplicaKit

/// Reads whole what a restore needs of the archive of the oplog: a slice that is damaged is found before the target is
/// touched, and not when the replay has come to it.
struct ArchiveCheck: Sendable {
    let manifest: BackupManifest
    let store: any BackupStore
    let report: @Sendable (BackupEvent) -> Void

    /// Reads it, through a moment that is after the backup's own.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` with the name of the first slice that is not as it should be.
    func run(through: BSONTimestamp) async throws {
        report(.phase("check the archive of the oplog"))
        var reader = try await OplogArchive(store: store)
            .entries(from: manifest.archiveStart, through: through, of: manifest.setID)
        let slices = Array(reader.slices)
        let sizes = try await sizes(of: reader.timeline)
        let progress = ByteProgress(total: slices.reduce(0) { $0 + (sizes[$1.name] ?? 0) }, report: report)
        var counted = 0
        while try await reader.next() != nil {
            // One is being read, and no more among those to come.
            let read = slices.count - reader.slices.count - 1
            guard read > counted else { continue }
            await progress.add(slices[counted..<read].reduce(0) { $0 + (sizes[$1.name] ?? 0) })
            counted = read
        }
    }

    private func sizes(of timeline: OplogTimeline) async throws -> [String: Int] {
        let objects = try await store.list("\(OplogTimeline.folder)/\(timeline.id)/")
        return Dictionary(objects.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }
}
