import ReplicaKit

/// One try to make a backup: at one cut, from as many members as it takes.
actor BackupPass {
    private let set: ReplicaSet
    private let store: any BackupStore
    private let options: BackupOptions
    private let wantedMode: BackupManifest.Mode?
    private let report: @Sendable (BackupEvent) -> Void
    private let id: BackupID
    private let begunAt: BSONDateTime
    private let earlier: BackupProgress?
    private var cut: Cut?
    private var finished: [BackupManifest.Collection]
    private var oplog: BackupManifest.File?
    /// A moment that what was read without a snapshot is not behind; the captured oplog must reach it.
    private var floor: OpTime?

    /// What is to be read.
    struct Cut: Sendable {
        var mode: BackupManifest.Mode
        /// The moment of a snapshot, else where the captured oplog may begin to matter.
        var time: OpTime
        /// Earlier than ``time`` where a transaction was open.
        var oplogNeededFrom: BSONTimestamp
        var catalogue: SourceCatalogue
        var server: BackedUpServer
    }

    init(
        set: ReplicaSet,
        store: any BackupStore,
        options: BackupOptions,
        mode: BackupManifest.Mode?,
        earlier: BackupProgress?,
        report: @escaping @Sendable (BackupEvent) -> Void
    ) {
        self.set = set
        self.store = store
        var options = options
        if let earlier, earlier.compression != options.compression {
            // All files of a backup are compressed alike.
            (options.compression, options.level) = (earlier.compression, nil)
        }
        self.options = options
        wantedMode = mode
        self.report = report
        self.earlier = earlier
        let begunAt = earlier?.begunAt ?? .now
        self.begunAt = begunAt
        id = earlier?.id ?? BackupID(begun: begunAt)
        finished = earlier?.finished ?? []
        floor = earlier?.floor.map { OpTime(timestamp: $0.timestamp, term: $0.term) }
    }

    private var timeout: Duration { max(set.limits.call, .seconds(60)) }

    /// Removes what this pass wrote.
    func discard() async throws {
        try await store.delete(try await store.list("\(id.folder)/").map(\.name))
    }

    /// Makes the backup, from the best member, or from the next when one is lost.
    func run() async throws -> BackupManifest {
        try await BackupLease(store: store, clock: set.toolbox.clock).making(id, report) { try await self.make() }
    }

    private func make() async throws -> BackupManifest {
        let snapshot = try await set.snapshot()
        let members = try BackupSource.candidates(in: snapshot, from: options.from, maximumLag: options.maximumLag)
        var failure: ReplicaKitError?
        for member in members {
            do {
                let end = try await read(from: member)
                return try await publish(from: member, end: end)
            } catch let error as ReplicaKitError where error.code.family == .connection && options.from == nil {
                report(.note("\(member.name) was lost: \(error.message)"))
                failure = error
            }
        }
        throw failure ?? ReplicaKitError(.noMemberReachable, "no member is left to read from")
    }

    // MARK: Reading

    /// Reads everything that is not read yet from one member.
    ///
    /// - Returns: The moment that the backup is consistent at.
    private func read(from member: MemberSpec) async throws -> OpTime {
        let access = set.backupAccess
        report(.phase("read from \(member.name)"))
        return try await access.with(member.host, as: access.bestIdentity) { control in
            let cut = try await self.cut(control)
            try await save(cut)
            let pending = cut.catalogue.entries.filter { entry in
                !self.finished.contains { $0.namespace == entry.namespace }
            }
            let throttle = set.toolbox.clock.throttle(
                bytesPerSecond: options.bytesPerSecond,
                total: pending.reduce(0) { $0 + $1.estimatedBytes },
                report: report
            )
            let reading = CollectionReading(
                access: access,
                member: member.host,
                control: control,
                cut: cut,
                store: store,
                folder: id.folder,
                options: options,
                timeout: timeout,
                throttle: throttle,
                finished: { try await self.finish($0, cut, control) }
            )
            if cut.mode == .snapshot {
                try await HistoryWindow.lengthened(on: control, for: cut.catalogue, options, timeout) {
                    try await reading.run(pending, watching: set.toolbox.clock)
                }
                return cut.time
            }
            return try await readFuzzily(reading, pending, control, cut)
        }
    }

    /// Reads collections as they are, and the oplog beside them until all of what was read is in it.
    private func readFuzzily(
        _ reading: CollectionReading,
        _ pending: [SourceCatalogue.Entry],
        _ control: any MemberConnection,
        _ cut: Cut
    ) async throws -> OpTime {
        let file = try await DumpFileWriter(
            DumpFileWriter.oplog,
            in: id.folder,
            of: store,
            compression: options.compression,
            level: options.level
        )
        do {
            let end = EndMark()
            let capture = OplogCapture(start: cut.oplogNeededFrom, cut: cut.time.timestamp, timeout: timeout)
            let access = set.backupAccess
            let reached = try await withThrowingTaskGroup(of: OpTime?.self) { group in
                group.addTask {
                    let renamed = try await access.with(reading.member, as: access.bestIdentity) { connection in
                        try await capture.run(on: connection, to: file) { await end.timestamp }
                    }
                    if let renamed { throw Self.overtaken(by: renamed) }
                    return nil
                }
                group.addTask { [set] in
                    try await reading.run(pending, watching: set.toolbox.clock)
                    let reached = try await self.reachedFloor(control)
                    await end.set(reached.timestamp)
                    return reached
                }
                var reached: OpTime?
                while let result = try await group.next() { reached = result ?? reached }
                return reached
            }
            guard let reached else { throw ReplicaKitError(.unexpectedReply, "the oplog's end was not found") }
            oplog = try await file.finish()
            return reached
        } catch {
            await file.cancel()
            throw error
        }
    }

    private static func overtaken(by rename: String) -> ReplicaKitError {
        ReplicaKitError(
            .backupOvertaken,
            "a collection was renamed while it was read: \(rename)",
            hint: "Make the backup in a quieter time."
        )
    }

    /// What a majority has by the word of the member that was read last, once it is not behind what was read from others.
    private func reachedFloor(_ control: any MemberConnection) async throws -> OpTime {
        let reached = try await set.toolbox.clock.poll(for: timeout, every: .milliseconds(200)) {
            let committed = try await Self.committed(on: control, timeout)
            return committed >= floor ?? committed ? committed : nil
        }
        if let reached { return reached }
        throw ReplicaKitError(
            .connectionFailed,
            "it does not get as far as what was read from another member before",
            member: control.address
        )
    }

    // MARK: The cut

    private func cut(_ control: any MemberConnection) async throws -> Cut {
        let server = try await BackedUpServer(asking: control, timeout)
        if let cut {
            try await requireData(of: cut, on: control)
            return cut
        }
        var mode = wantedMode ?? earlier?.mode ?? (server.readsSnapshots ? .snapshot : .fuzzy)
        if mode == .snapshot, !server.readsSnapshots {
            throw SnapshotImpossible(reason: "the server is \(server.version), and 5.0 is the first that can")
        }
        if let earlier { mode = earlier.mode }
        let databases = try await control.run(ListDatabases(), timeout: timeout).names
        guard !databases.contains(RestoreMark.database) else {
            throw ReplicaKitError(
                .refused,
                "a restore is under way, or was interrupted: what the set holds is not whole",
                member: control.address,
                hint: "Complete it (run the same restore again), or drop the database \(RestoreMark.database)."
            )
        }
        // The look at what is open comes before the moment, so that a transaction that ends between the two is seen; what
        // begins between them is found in the oplog.
        let before = try await Self.committed(on: control, timeout).timestamp
        let oldest = try await OpenTransactions.oldestStart(on: control, timeout: timeout)
        let committed = try await Self.committed(on: control, timeout)
        let time = earlier.map { OpTime(timestamp: $0.start.timestamp, term: $0.start.term) } ?? committed
        let begun = try await OpenTransactions.firstBegun(
            after: before,
            through: time.timestamp,
            on: control,
            timeout: timeout
        )
        let catalogue = try await SourceCatalogue.read(from: control, timeout: timeout)
        let cut = Cut(
            mode: mode,
            time: time,
            oplogNeededFrom: earlier?.oplogNeededFrom
                ?? [oldest, begun].compactMap(\.self).reduce(time.timestamp, min),
            catalogue: catalogue,
            server: server
        )
        self.cut = cut
        return cut
    }

    /// Demands that a member that goes on has all that the cut has.
    private func requireData(of cut: Cut, on control: any MemberConnection) async throws {
        let has = try await Self.committed(on: control, timeout)
        guard has >= cut.time else {
            throw ReplicaKitError(
                .connectionFailed,
                "it has not got as far as the backup's moment \(cut.time): it has \(has)",
                member: control.address
            )
        }
    }

    /// The newest moment that a majority has, by a member's own word.
    private static func committed(on control: any MemberConnection, _ timeout: Duration) async throws -> OpTime {
        let status = try await control.run(ReplSetGetStatus(), timeout: timeout)
        guard let time = status.lastCommitted else {
            throw ReplicaKitError(
                .unexpectedReply,
                "it does not say what a majority has",
                member: control.address,
                hint: "Look at `rkctl status`."
            )
        }
        return time
    }

    // MARK: Writing down

    /// Takes a collection that was read, and writes down that it was.
    private func finish(
        _ collection: BackupManifest.Collection,
        _ cut: Cut,
        _ control: any MemberConnection
    ) async throws {
        if cut.mode == .fuzzy {
            let committed = try await Self.committed(on: control, timeout)
            floor = max(floor ?? committed, committed)
        }
        finished.append(collection)
        report(
            .collection(
                collection.namespace,
                documents: collection.data?.documents ?? 0,
                bytes: collection.data?.documentBytes ?? 0
            )
        )
        try await save(cut)
    }

    private func save(_ cut: Cut) async throws {
        let progress = BackupProgress(
            id: id,
            set: set.spec.name.rawValue,
            begunAt: begunAt,
            compression: options.compression,
            mode: cut.mode,
            start: BackupManifest.Moment(cut.time),
            oplogNeededFrom: cut.oplogNeededFrom,
            floor: floor.map(BackupManifest.Moment.init),
            finished: finished
        )
        try await progress.write(to: store)
    }

    private func publish(from member: MemberSpec, end: OpTime) async throws -> BackupManifest {
        guard let cut else { throw ReplicaKitError(.unexpectedReply, "the backup has no cut") }
        report(.phase("write the manifest"))
        let manifest = BackupManifest(
            format: BackupManifest.currentFormat,
            id: id,
            set: set.spec.name.rawValue,
            setID: cut.server.setID,
            tool: "ReplicaKit",
            serverVersion: cut.server.version.description,
            featureCompatibilityVersion: cut.server.featureCompatibilityVersion,
            member: member.host.description,
            mode: cut.mode,
            start: BackupManifest.Moment(cut.time),
            end: BackupManifest.Moment(end),
            oplogNeededFrom: cut.oplogNeededFrom,
            begunAt: begunAt,
            finishedAt: .now,
            compression: options.compression,
            collections: finished.sorted { ($0.database, $0.name) < ($1.database, $1.name) },
            oplog: oplog
        )
        // Before the backup is there: one that was to be kept is never without what keeps it.
        if !options.tags.isEmpty { try await BackupCatalogue(store: store).tag(id, options.tags) }
        try await store.publish(id.folder, manifest: Array(try manifest.text().utf8), named: BackupManifest.fileName)
        try await store.delete(["\(id.folder)/\(BackupProgress.fileName)"])
        return manifest
    }
}

/// The end of what must be captured, once it is known.
private actor EndMark {
    var timestamp: BSONTimestamp?
    func set(_ timestamp: BSONTimestamp) { self.timestamp = timestamp }
}
