import ReplicaKit

/// Reads collections of one member, several at a time, into files.
struct CollectionReading: Sendable {
    let access: MemberAccess
    let member: MemberAddress
    let control: any MemberConnection
    let cut: BackupPass.Cut
    let store: any BackupStore
    let folder: String
    let options: BackupOptions
    let timeout: Duration
    let throttle: any Throttling
    let finished: @Sendable (BackupManifest.Collection) async throws -> Void
    let writers = WriterCount()

    /// About how many bytes of documents are asked for at a time. Servers would send 16 MiB, which each connection would
    /// hold twice.
    private static let replyBytes = 2 << 20

    /// A collection with its cursor, which was opened at the cut.
    private struct Opened: Sendable {
        var entry: SourceCatalogue.Entry
        var cursor: (any DocumentCursor)?
    }

    /// Reads all of them.
    ///
    /// - Parameter clock: Times the looks at how far the member is behind.
    func run(_ entries: [SourceCatalogue.Entry], watching clock: any Clock<Duration>) async throws {
        let shares = shares(of: entries)
        try await access.withConnections(shares.count, to: member) { connections in
            let opened = try await open(shares, on: connections)
            try await requireUnchangedCatalogue()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for share in opened {
                    group.addTask {
                        for item in share { try await copy(item) }
                        return true
                    }
                }
                group.addTask {
                    try await watchLag(clock)
                    return false
                }
                var running = opened.count
                while running > 0, let hasCopied = try await group.next() { running -= hasCopied ? 1 : 0 }
                group.cancelAll()
            }
        }
    }

    /// Spreads collections so that all connections have about the same to do, the largest first.
    private func shares(of entries: [SourceCatalogue.Entry]) -> [[SourceCatalogue.Entry]] {
        let count = max(1, min(options.parallelism, entries.count))
        var shares = [[SourceCatalogue.Entry]](repeating: [], count: count)
        var loads = [Int](repeating: 0, count: count)
        // Capped ones first: what is written to them before they are read makes a snapshot impossible.
        let ordered = entries.sorted {
            ($0.isCapped ? 1 : 0, $0.estimatedBytes) > ($1.isCapped ? 1 : 0, $1.estimatedBytes)
        }
        for entry in ordered {
            let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            shares[least].append(entry)
            loads[least] += entry.estimatedBytes + 4096
        }
        return shares
    }

    // MARK: Opening

    /// Opens all cursors before any is read: one that is open fails loudly when its collection is dropped, one that is
    /// opened later at a moment of the past would find nothing, silently.
    private func open(
        _ shares: [[SourceCatalogue.Entry]],
        on connections: [any MemberConnection]
    ) async throws -> [[Opened]] {
        try await withThrowingTaskGroup(of: (Int, [Opened]).self) { group in
            for (index, share) in shares.enumerated() {
                group.addTask {
                    var opened: [Opened] = []
                    for entry in share { opened.append(try await open(entry, on: connections[index])) }
                    return (index, opened)
                }
            }
            return try await group.reduce(into: [[Opened]](repeating: [], count: shares.count)) { $0[$1.0] = $1.1 }
        }
    }

    private func open(_ entry: SourceCatalogue.Entry, on connection: any MemberConnection) async throws -> Opened {
        guard let source = entry.source else { return Opened(entry: entry, cursor: nil) }
        let concern: BSONDocument =
            cut.mode == .snapshot && !entry.isCapped
            ? ["level": "snapshot", "atClusterTime": .timestamp(cut.time.timestamp)] : ["level": "majority"]
        let command: BSONDocument = [
            "find": .string(source.collection), "batchSize": 0, "noCursorTimeout": true,
            "readConcern": .document(concern),
        ]
        do {
            let size = entry.estimatedDocuments > 0 ? max(1, entry.estimatedBytes / entry.estimatedDocuments) : 1024
            let cursor = try await connection.cursor(
                command,
                on: source.database,
                laterBatchSize: max(1, Self.replyBytes / size),
                timeout: timeout
            )
            return Opened(entry: entry, cursor: cursor)
        } catch {
            throw Self.judged(error, of: source, in: cut.mode)
        }
    }

    private func requireUnchangedCatalogue() async throws {
        guard cut.mode == .snapshot else { return }
        let changes = try await SchemaChanges.after(cut.time.timestamp, on: control, timeout: timeout)
        guard changes.isEmpty else {
            throw ReplicaKitError(
                .backupOvertaken,
                "collections changed while the backup began: \(changes.descriptions.prefix(5).joined(separator: ", "))",
                hint: "Make the backup in a quieter time."
            )
        }
    }

    /// What an error means for the whole: servers end a cursor when what it reads is dropped, renamed or too old.
    static func judged(_ error: any Error, of source: Namespace, in mode: BackupManifest.Mode) -> any Error {
        guard let error = error as? ReplicaKitError, let code = error.server?.code else { return error }
        switch code {
        // To begin again would take as long, and come to the same end.
        case 239 where mode == .snapshot:
            let server = error.member.map(\.description) ?? "the server"
            return SnapshotImpossible(reason: "\(server) no longer keeps the past that \(source) is to be read at")
        // Killed by a change of the catalogue, killed otherwise, not there, too old for the server's history, or older
        // than a change of the catalogue.
        case 175, 237, 43, 26, 239, 246:
            return ReplicaKitError(
                .backupOvertaken,
                "\(source) changed while it was read",
                member: error.member,
                server: error.server,
                hint: "Make the backup in a quieter time."
            )
        default: return error
        }
    }

    // MARK: Copying

    private func copy(_ opened: Opened) async throws {
        let entry = opened.entry
        let stem = "\(entry.namespace.database)/\(DumpFileName.stem(of: entry.namespace.collection))"
        var data: BackupManifest.File?
        if let cursor = opened.cursor, let source = entry.source {
            let name = "\(entry.namespace.database)/\(DumpFileName.stem(of: source.collection)).bson"
            do {
                data = try await writers.counting { try await copyDocuments(of: source, cursor, to: name) }
            } catch let error as ReplicaKitError where error.code == .backupOvertaken && cut.mode == .fuzzy {
                // The captured oplog has the drop, and all that came before it on a collection that is not there.
                if try await isGone(entry) { return }
                throw error
            }
            if cut.mode == .snapshot, entry.isCapped { try await requireUnwritten(source) }
        }
        let metadata = try CollectionMetadata(entry).document.extendedJSON(.canonical)
        let file = try await DumpFileWriter.write(
            Array(metadata.utf8),
            as: "\(stem).metadata.json",
            in: folder,
            of: store,
            // As mongodump: gzip compresses these too; nobody else reads zstd.
            compression: options.compression == .gzip ? .gzip : .none
        )
        try await finished(
            BackupManifest.Collection(
                database: entry.namespace.database,
                name: entry.namespace.collection,
                kind: entry.kind,
                uuid: entry.uuid.map(Hexadecimal.text),
                indexes: entry.indexes.count,
                metadata: file,
                data: data
            )
        )
    }

    /// Whether a collection was dropped, and not only changed.
    private func isGone(_ entry: SourceCatalogue.Entry) async throws -> Bool {
        guard let uuid = entry.uuid else { return false }
        let command: BSONDocument = [
            "listCollections": 1, "filter": ["info.uuid": .binary(BSONBinary(subtype: .uuid, bytes: uuid))],
        ]
        return try await control.documents(command, on: entry.namespace.database, timeout: timeout).isEmpty
    }

    private func copyDocuments(
        of source: Namespace,
        _ cursor: any DocumentCursor,
        to name: String
    ) async throws -> BackupManifest.File {
        let file = try await DumpFileWriter(
            name,
            in: folder,
            of: store,
            compression: options.compression,
            level: options.level,
            beside: writers
        )
        var copied = 0
        do {
            var next = try await cursor.nextBatch()
            while let batch = next {
                // The next batch is on its way while this one is compressed and written.
                async let following = cursor.nextBatch()
                try await file.write(batch)
                copied += batch.bytes.count
                try await throttle.pass(batch.bytes.count)
                next = try await following
            }
            return try await file.finish()
        } catch {
            await file.cancel()
            await throttle.takeBack(copied)
            throw Self.judged(error, of: source, in: cut.mode)
        }
    }

    /// Capped collections cannot be read as they were: one that nobody wrote to meanwhile was the same.
    private func requireUnwritten(_ source: Namespace) async throws {
        guard
            try await SchemaChanges.isWritten(source, after: cut.time.timestamp, on: control, timeout: timeout)
        else { return }
        throw SnapshotImpossible(reason: "the capped collection \(source) is written to")
    }

    // MARK: Lag

    /// Holds reading while the member falls behind because of it.
    private func watchLag(_ clock: any Clock<Duration>) async throws {
        while true {
            // The time between two looks, not a wait for anything.
            try await clock.sleep(for: .seconds(1))
            // On a connection of its own: the control connection may be waiting for something long.
            let status = try await access.run(ReplSetGetStatus(), on: member, as: access.bestIdentity)
            let newest = status.members.filter { $0.state == .primary }.compactMap(\.applied?.timestamp).max()
            guard status.myState == .secondary, let newest, let own = status.applied?.timestamp else {
                // There is nobody to be behind.
                await throttle.hold(false, because: "")
                continue
            }
            let behind = Int(newest.seconds) - Int(own.seconds)
            await throttle.hold(
                .seconds(behind) > options.maximumLag,
                because: "\(member) is \(behind) s behind the primary"
            )
        }
    }
}
