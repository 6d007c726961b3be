import ReplicaKit

/// What a member holds, as its catalogue says at one moment: databases, collections, options, indexes.
struct SourceCatalogue: Sendable, Hashable {
    /// In the order of their names.
    var entries: [Entry]

    /// A collection or view.
    struct Entry: Sendable, Hashable {
        var namespace: Namespace
        var kind: CollectionKind
        var options: BSONDocument
        /// 16 bytes; views have none.
        var uuid: [UInt8]?
        /// As `listIndexes` gives them, builds that are under way left out.
        var indexes: [BSONDocument]
        /// Of a time series: the indexes of its buckets.
        var bucketIndexes: [BSONDocument] = []
        /// About how many bytes its documents have.
        var estimatedBytes: Int = 0
        var estimatedDocuments: Int = 0

        var isCapped: Bool { options["capped"]?.isTruthy == true }

        /// Where the documents are; `nil` for a view.
        var source: Namespace? {
            switch kind {
            case .view: nil
            case .collection: namespace
            case .timeseries:
                Namespace(database: namespace.database, collection: "system.buckets.\(namespace.collection)")
            }
        }
    }

    /// All namespaces that hold what is backed up.
    var sources: Set<Namespace> { Set(entries.compactMap(\.source)) }
}

extension SourceCatalogue {
    /// Reads the catalogue of a member.
    static func read(from connection: any MemberConnection, timeout: Duration) async throws -> SourceCatalogue {
        var entries: [Entry] = []
        let databases = try await connection.run(ListDatabases(), timeout: timeout).names
        for database in databases.sorted()
        where !["local", "config", RestoreMark.database].contains(database) {
            entries += try await read(database, from: connection, timeout: timeout)
        }
        return SourceCatalogue(entries: entries)
    }

    private static func read(
        _ database: String,
        from connection: any MemberConnection,
        timeout: Duration
    ) async throws -> [Entry] {
        let listed = try await connection.documents(["listCollections": 1], on: database, timeout: timeout)
        var entries: [Entry] = []
        for item in listed {
            guard let name = item["name"]?.stringValue else { continue }
            let namespace = Namespace(database: database, collection: name)
            guard !isInternal(namespace) else { continue }
            let kind = item["type"]?.stringValue.flatMap(CollectionKind.init) ?? .collection
            var entry = Entry(
                namespace: namespace,
                kind: kind,
                options: item["options"]?.documentValue?.detached() ?? [:],
                uuid: item[path: "info", "uuid"]?.binaryValue.map { Array($0.bytes) },
                indexes: []
            )
            do {
                if kind != .view { entry.indexes = try await indexes(of: namespace, connection, timeout) }
                if kind == .timeseries, let source = entry.source {
                    entry.bucketIndexes = try await indexes(of: source, connection, timeout)
                    entry.uuid = uuid(of: source, in: listed)
                }
                if let source = entry.source { try await estimate(&entry, source, connection, timeout) }
            } catch let error as ReplicaKitError where error.server?.code == 26 {
                // It was dropped since it was listed.
                continue
            }
            entries.append(entry)
        }
        return entries.sorted { $0.namespace.collection < $1.namespace.collection }
    }

    /// What is no content of a set: what servers make of views and time series themselves, and their own keys.
    private static func isInternal(_ namespace: Namespace) -> Bool {
        let name = namespace.collection
        return name == "system.views" || name == "system.profile" || name.hasPrefix("system.buckets.")
            || (namespace.database == "admin" && ["system.keys", "system.healthlog"].contains(name))
    }

    private static func uuid(of namespace: Namespace, in listed: [BSONDocument]) -> [UInt8]? {
        listed.first { $0["name"]?.stringValue == namespace.collection }?[path: "info", "uuid"]?.binaryValue
            .map { Array($0.bytes) }
    }

    private static func indexes(
        of namespace: Namespace,
        _ connection: any MemberConnection,
        _ timeout: Duration
    ) async throws -> [BSONDocument] {
        let command: BSONDocument = ["listIndexes": .string(namespace.collection), "includeBuildUUIDs": true]
        let listed = try await connection.documents(command, on: namespace.database, timeout: timeout)
        // One that is being built is said as {spec, buildUUID}: the set does not have it yet.
        return listed.filter { !$0.contains("buildUUID") && $0.contains("key") }.map { $0.detached() }
    }

    private static func estimate(
        _ entry: inout Entry,
        _ source: Namespace,
        _ connection: any MemberConnection,
        _ timeout: Duration
    ) async throws {
        let command: BSONDocument = ["collStats": .string(source.collection)]
        let stats = try await connection.run(command, on: source.database, timeout: timeout)
        entry.estimatedBytes = stats["size"]?.intValue ?? 0
        entry.estimatedDocuments = stats["count"]?.intValue ?? 0
    }
}

extension MemberConnection {
    /// All documents that a command's cursor has, for answers that are small.
    func documents(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> [BSONDocument] {
        let cursor = try await cursor(command, on: database, timeout: timeout)
        var documents: [BSONDocument] = []
        while let batch = try await cursor.nextBatch() { documents += try batch.documents() }
        return documents
    }
}

extension DocumentBatch {
    /// The documents, sharing the batch's bytes.
    func documents() throws(BSONError) -> [BSONDocument] {
        var documents: [BSONDocument] = []
        documents.reserveCapacity(count)
        var rest = bytes[...]
        while let document = try BSONDocument(takingFrom: &rest) { documents.append(document) }
        return documents
    }
}
