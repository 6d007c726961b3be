public import ReplicaKit

/// Restores backups into a set.
///
/// Nothing is written before all that is needed was read and found whole, and the target was found able to take it. The
/// order is data, then the oplog, then indexes. A restore that was interrupted is completed by running it again.
public struct Restorer: Sendable {
    let set: ReplicaSet
    let store: any BackupStore

    /// Creates a restorer of backups in a store into a set.
    public init(set: ReplicaSet, store: any BackupStore) {
        self.set = set
        self.store = store
    }

    /// What a restore would do. Reads the catalogue and the target, and changes nothing.
    ///
    /// - Parameters:
    ///   - id: The backup; `nil` is the newest good one that is not behind the target moment, and for
    ///     ``RestoreTarget/latest`` the one that comes furthest.
    ///   - options: What is restored, and how.
    /// - Throws: ``ReplicaKitError`` when it cannot or must not be done: ``ReplicaKitError/Code/targetNotEmpty``,
    ///   ``ReplicaKitError/Code/momentNotCovered`` with the windows that there are, ``ReplicaKitError/Code/refused`` where
    ///   the set is too old, too full or not whole.
    public func plan(_ id: BackupID?, _ options: RestoreOptions = RestoreOptions()) async throws -> RestorePlan {
        if let begun = try await begun(id, options.target) {
            return try await plan(begun.manifest, options, through: begun.through)
        }
        let base = try await base(id, options.target)
        return try await plan(base.manifest, options, through: base.through)
    }

    /// What a restore of something with a manifest would do.
    ///
    /// - Parameter sizes: How many bytes the documents of collections have of which the manifest does not say it.
    func plan(
        _ manifest: BackupManifest,
        _ options: RestoreOptions,
        through: BSONTimestamp? = nil,
        sizes: [Namespace: Int] = [:]
    ) async throws -> RestorePlan {
        let collections = manifest.collections.filter { !Self.isServers($0.namespace) }.compactMap { collection in
            options.selection.target(of: collection.namespace).map {
                RestorePlan.Collection(
                    source: collection.namespace,
                    target: $0,
                    documents: collection.data?.documents ?? 0,
                    bytes: collection.data?.documentBytes ?? sizes[collection.namespace] ?? 0
                )
            }
        }
        try Self.requireSense(collections, manifest, options)
        return try await onPrimary { primary, timeout in
            let target = try await TargetState(asking: primary, timeout)
            var plan = RestorePlan(
                manifest: manifest,
                options: options,
                collections: collections,
                replaced: [],
                removed: [],
                through: through,
                isResumed: false
            )
            let mark = RestoreMark(connection: primary, timeout: timeout)
            let current = try await mark.current()
            if let current, current != plan.fingerprint { throw RestoreMark.other(current) }
            // One that was begun is completed: half restored is worse.
            if current == nil, !options.allowsUnhealthySet { try target.requireHealthy(set.spec.name) }
            // What is there already takes room that it needs no more.
            let needed = current == nil && !options.mirrors ? collections.reduce(0) { $0 + $1.bytes } : 0
            try target.require(manifest, bytes: needed)
            if current != nil, try await mark.state(of: RestoreMark.removal) == RestoreMark.done {
                return plan.resumed()
            }
            var targets = Swift.Set(collections.map(\.target))
            if options.mirrors {
                plan = plan.with(
                    replaced: target.present.filter(targets.contains),
                    removed: target.present.filter { !targets.contains($0) && options.selection.covers($0) }
                )
            } else if current == nil {
                // A replay also makes, drops and fills collections that the base does not have.
                if manifest.mode == .fuzzy || through != nil {
                    targets.formUnion(target.present.filter(options.selection.covers))
                }
                try await target.requireEmpty(targets, asking: primary, timeout)
            }
            return current == nil ? plan : plan.resumed()
        }
    }

    /// Restores.
    ///
    /// - Parameters:
    ///   - plan: What ``plan(_:_:)`` gave.
    ///   - report: Told what happens, from any thread.
    /// - Throws: ``ReplicaKitError``: ``ReplicaKitError/Code/backupDamaged`` before anything was written; afterwards what
    ///   servers answer, and running the same restore again completes it.
    public func run(
        _ plan: RestorePlan,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> RestoreReport {
        try await BackupLease(store: store, clock: set.toolbox.clock).reading(plan.manifest.id, report) {
            try await restore(plan, report)
        }
    }

    private func restore(
        _ plan: RestorePlan,
        _ report: @escaping @Sendable (BackupEvent) -> Void
    ) async throws -> RestoreReport {
        let wanted = Swift.Set(plan.collections.map(\.source))
        let sources = plan.manifest.collections.filter { collection in
            wanted.contains(collection.namespace) || (plan.restoresUsers && Self.isUsers(collection.namespace))
        }
        let check = BackupCheck(manifest: plan.manifest, store: store)
        report(.phase("check the backup's files"))
        try await check.run(sources, withOplog: true, report: report)
        if let through = plan.through, through > plan.manifest.end.timestamp {
            let selection = plan.options.selection
            try await ArchiveCheck(manifest: plan.manifest, selection: selection, store: store, report: report)
                .run(through: through)
        }
        var items: [RestoreItem] = []
        for source in sources { items.append(try await item(source, plan, check)) }
        var oplog: (@Sendable () async throws -> any DocumentReader)?
        if let file = plan.manifest.oplog {
            let (manifest, store) = (plan.manifest, store)
            oplog = { try await BackupFileReader(file, of: manifest, in: store) }
        }
        return try await run(plan, items, oplog, report)
    }

    /// Restores what was checked.
    func run(
        _ plan: RestorePlan,
        _ items: [RestoreItem],
        _ oplog: (@Sendable () async throws -> any DocumentReader)?,
        _ report: @escaping @Sendable (BackupEvent) -> Void
    ) async throws -> RestoreReport {
        let work = RestoreWork(set: set, store: store, plan: plan, items: items, oplog: oplog, report: report)
        return try await set.alone(.change) { try await complete(work, report) }
    }

    private func complete(
        _ work: RestoreWork,
        _ report: @escaping @Sendable (BackupEvent) -> Void
    ) async throws -> RestoreReport {
        // A primary that is lost meanwhile has a successor that has what a majority had: the rest is done there.
        var attempt = 0
        // Once all is restored only the mark is left to remove: begun again without it, all would be restored again.
        var complete: RestoreReport?
        while true {
            do {
                let result: RestoreReport
                if let complete { result = complete } else { result = try await work.run() }
                complete = result
                try await work.end()
                return result
            } catch let error as ReplicaKitError where Self.isLossOfPrimary(error) && attempt < 5 {
                attempt += 1
                report(.note("the primary was lost: \(error.message)"))
                _ = try await set.toolbox.clock.poll(for: .seconds(60), every: .milliseconds(250)) {
                    await set.backupAccess.writableMember()
                }
            }
        }
    }

    static func isLossOfPrimary(_ error: ReplicaKitError) -> Bool {
        // Not (any longer) primary, stepping down, shutting down.
        error.code.family == .connection || [10107, 13435, 11602, 189, 91, 11600].contains(error.server?.code ?? 0)
    }

    private func item(
        _ source: BackupManifest.Collection,
        _ plan: RestorePlan,
        _ check: BackupCheck
    ) async throws -> RestoreItem {
        let metadata = try await check.metadata(of: source)
        let (manifest, store) = (plan.manifest, store)
        var read: (@Sendable () async throws -> any DocumentReader)?
        if let file = source.data { read = { try await BackupFileReader(file, of: manifest, in: store) } }
        return RestoreItem(
            source: source.namespace,
            target: plan.options.selection.target(of: source.namespace) ?? source.namespace,
            metadata: metadata,
            documents: source.data?.documents,
            bytes: source.data?.documentBytes ?? 0,
            read: read
        )
    }

    // MARK: What is restored

    static func isUsers(_ namespace: Namespace) -> Bool {
        namespace.database == "admin" && UserRestoring.collections.contains(namespace.collection)
    }

    /// Whether a collection is the server's own: users have a way of their own, versions and keys are the target's.
    static func isServers(_ namespace: Namespace) -> Bool {
        (namespace.database == "admin" && namespace.collection.hasPrefix("system."))
            || ["local", "config", RestoreMark.database].contains(namespace.database)
    }

    private static func requireSense(
        _ collections: [RestorePlan.Collection],
        _ manifest: BackupManifest,
        _ options: RestoreOptions
    ) throws(ReplicaKitError) {
        guard !collections.isEmpty || options.selection == NamespaceSelection() else {
            throw ReplicaKitError(
                .invalidArgument,
                "backup \(manifest.id) has nothing of what was selected",
                hint: "See what it has: rkctl backup show \(manifest.id)."
            )
        }
        let targets = Dictionary(grouping: collections, by: \.target)
        if let clash = targets.first(where: { $0.value.count > 1 }) {
            throw ReplicaKitError(
                .invalidArgument,
                "\(clash.value.map(\.source.description).joined(separator: " and ")) would both become \(clash.key)"
            )
        }
    }

    func onPrimary<Result: Sendable>(
        _ body: (any MemberConnection, Duration) async throws -> Result
    ) async throws -> Result {
        let access = set.backupAccess
        guard let primary = await access.writableMember() else {
            throw ReplicaKitError(
                .noPrimary,
                "\(set.spec.name) has no primary to restore to",
                hint: "Look at `rkctl status`; an empty set is made with `rkctl up`."
            )
        }
        return try await access.with(primary, as: access.bestIdentity) { try await body($0, access.timeout) }
    }
}

extension RestorePlan {
    func with(replaced: [Namespace], removed: [Namespace]) -> RestorePlan {
        RestorePlan(
            manifest: manifest,
            options: options,
            collections: collections,
            replaced: replaced,
            removed: removed,
            through: through,
            isResumed: isResumed
        )
    }

    func resumed() -> RestorePlan {
        RestorePlan(
            manifest: manifest,
            options: options,
            collections: collections,
            replaced: replaced,
            removed: removed,
            through: through,
            isResumed: true
        )
    }
}

extension NamespaceSelection {
    /// Whether a mirror of this selection speaks for a collection of the target.
    func covers(_ target: Namespace) -> Bool {
        let renames = renames.filter { $0.to.matches(target) }
        guard renames.isEmpty else {
            return renames.contains { rename in
                let source = Namespace(
                    database: rename.from.database,
                    collection: rename.from.collection ?? target.collection
                )
                return self.target(of: source) == target
            }
        }
        return self.target(of: target) == target
    }
}
