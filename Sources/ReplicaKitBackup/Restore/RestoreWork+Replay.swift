import ReplicaKit

extension RestoreWork {
    /// The indexes of what was restored, as they were at the backup's moment, by the names of the source.
    private var catalogue: IndexCatalogue { IndexCatalogue(of: collections) }

    /// Replays the oplog, the backup's own and then the archive's.
    ///
    /// - Returns: The indexes that are to be built then, by the names of the target.
    func replay(
        on connection: any MemberConnection,
        _ access: MemberAccess,
        _ result: inout RestoreReport
    ) async throws -> [(target: Namespace, specs: [BSONDocument])] {
        guard oplog != nil || plan.through != nil else { return targets(of: catalogue) }
        report(.phase("replay the oplog through \(through)"))
        var replayer = try await OplogReplayer(on: connection, settings: try settings(access.timeout))
        if let oplog { try await feed(try await oplog(), to: &replayer) }
        if through > plan.manifest.end.timestamp { try await feedArchive(to: &replayer) }
        let replayed = try await replayer.finish()
        result.replayed = replayed.inserts + replayed.updates + replayed.deletes + replayed.commands
        result.lastReplayed = replayed.lastApplied
        result.skipped = replayed.skipped.filter { $0.key == .cappedDelete }.map { "\($0.value) times: \($0.key)" }
        if !replayed.unfinishedTransactions.isEmpty {
            result.skipped.append("\(replayed.unfinishedTransactions.count) transactions that had not ended")
        }
        return targets(of: replayed.catalogue)
    }

    private var through: BSONTimestamp { plan.through ?? plan.manifest.end.timestamp }

    private func settings(_ timeout: Duration) throws -> OplogReplayer.Settings {
        var settings = OplogReplayer.Settings(
            id: "replay",
            after: plan.manifest.start.timestamp,
            through: through,
            catalogue: catalogue
        )
        settings.tolerantUntil = plan.manifest.mode == .fuzzy ? plan.manifest.end.timestamp : nil
        settings.selection = plan.options.selection
        if !plan.restoresUsers {
            settings.selection.excludes += try UserRestoring.collections.map { try .init("admin.\($0)") }
        }
        // Without him, and his password of now, nobody could log in.
        settings.keptUsers = [set.spec.security.admin.user]
        settings.progress = RestoreMark.namespace
        settings.timeout = max(timeout, .seconds(600))
        return settings
    }

    private func targets(of catalogue: IndexCatalogue) -> [(target: Namespace, specs: [BSONDocument])] {
        var targets: [(target: Namespace, specs: [BSONDocument])] = catalogue.collections.compactMap {
            source,
            collection in
            guard !Restorer.isServers(source), let target = plan.options.selection.target(of: source) else {
                return nil
            }
            return (target, collection.specsToBuild)
        }
        // The server translates them to its buckets'.
        for item in collections where item.hasIndexesOfSeriesOnly && catalogue[item.dataSource] != nil {
            let known = IndexCatalogue.Collection(options: item.metadata.options, indexes: item.metadata.indexes)
            targets.append((item.target, known.specsToBuild))
        }
        return targets.sorted { $0.target.description < $1.target.description }
    }

    /// Feeds what was captured beside the collections, through the backup's moment: what comes after it in the file may
    /// have been rolled back.
    private func feed(_ reader: any DocumentReader, to replayer: inout OplogReplayer) async throws {
        while !replayer.isComplete, let batch = try await reader.next() {
            var kept = DocumentBatch(reservingCapacity: batch.bytes.count)
            for entry in try batch.documents() {
                guard let timestamp = entry["ts"]?.timestampValue, timestamp <= plan.manifest.end.timestamp else {
                    continue
                }
                kept.append(entry)
            }
            try await replayer.feed(kept)
        }
    }

    /// Feeds the archive, from where the backup needs it.
    private func feedArchive(to replayer: inout OplogReplayer) async throws {
        var reader = try await OplogArchive(store: store)
            .entries(from: plan.manifest.archiveStart, through: through, of: plan.manifest.setID)
        while !replayer.isComplete, let batch = try await reader.next() { try await replayer.feed(batch) }
    }
}
