import ReplicaKit

/// What an operation of the source comes to on the target: pure decisions over what the target holds.
struct ReplayTarget: Sendable {
    /// What becomes of writes to a collection.
    enum Writes: Sendable, Hashable {
        case skipped(ReplayResult.SkipReason)
        /// The collection must be there and is not.
        case missing
        /// Definitions of views: each goes by the name of its view.
        case views
        case applied(String, isCapped: Bool)
    }

    let selection: NamespaceSelection
    let version: ServerVersion
    /// Where the replay notes its progress; a source that was restored once has that in its oplog too.
    let progress: Namespace
    /// The users of `admin` that are the target's own.
    let keptUsers: Set<String>
    /// The collections of the target, and whether each is capped.
    private(set) var collections: [Namespace: Bool]
    private var known: [String: Writes] = [:]

    init(
        selection: NamespaceSelection,
        version: ServerVersion,
        progress: Namespace,
        keptUsers: Set<String> = [],
        collections: [Namespace: Bool]
    ) {
        self.selection = selection
        self.version = version
        self.progress = progress
        self.keptUsers = Set(keptUsers.map { "admin.\($0)" })
        self.collections = collections
    }

    /// What each set keeps for itself.
    private func isOwnedByServer(_ namespace: Namespace) -> Bool {
        ["local", "config"].contains(namespace.database) || namespace == progress
            || namespace == Namespace(database: "admin", collection: "system.keys")
            || namespace.collection == "system.profile"
    }

    // MARK: Writes

    mutating func writes(to name: String) -> Writes {
        if let writes = known[name] { return writes }
        let writes = decide(name)
        known[name] = writes
        return writes
    }

    /// Whether a write is to what stays the target's own: its version (the scheme of the users beside it belongs to the
    /// users), and the users that it keeps.
    func isKept(_ operation: OplogOperation) throws -> Bool {
        let isVersion = operation.namespace == "admin.system.version"
        guard isVersion || (operation.namespace == "admin.system.users" && !keptUsers.isEmpty) else { return false }
        let key = operation.kind == .update ? operation.object2 : operation.object
        let id = try key.map { try BSONDocument(framed: $0.valueBytes) }?.value(forKey: "_id")
        return isVersion ? id != .string("authSchema") : keptUsers.contains(id?.stringValue ?? "")
    }

    private func decide(_ name: String) -> Writes {
        guard let namespace = Namespace(oplog: name), !isOwnedByServer(namespace) else {
            return .skipped(.ownedByServer)
        }
        if namespace.collection == "system.views" { return .views }
        guard let target = selection.target(of: namespace) else { return .skipped(.notSelected) }
        guard let isCapped = collections[target] else { return .missing }
        return .applied(target.description, isCapped: isCapped)
    }

    /// Whether capped collections drop their oldest documents without being told, and refuse to be told.
    var refusesCappedDeletes: Bool { version < ServerVersion(5, 0, 7) }
    /// Whether several inserts into a capped collection in one `applyOps` leave too many documents in it.
    var miscountsCapped: Bool { !version.isAtLeast(5, 0) }

    /// The operations that define or remove a view: the collection for that first, where there is none yet.
    ///
    /// - Returns: `nil` when the view is not selected.
    mutating func viewSteps(for operation: OplogOperation) throws -> [BSONDocument]? {
        let key = operation.kind == .update ? operation.object2 : operation.object
        guard let key, let name = try BSONDocument(framed: key.valueBytes).value(forKey: "_id")?.stringValue,
            let view = Namespace(oplog: name)
        else { throw BSONError(.invalidValue, "A view in the oplog has no name.") }
        guard let target = selection.target(of: view) else { return nil }
        var steps: [BSONDocument] = []
        let views = Namespace(database: target.database, collection: "system.views")
        if collections[views] == nil {
            steps.append(Self.command(on: target.database, ["create": "system.views"]))
            remember(views, isCapped: false)
        }
        var writer = BSONWriter()
        writer.append(operation.kindText, forKey: "op")
        writer.append(views.description, forKey: "ns")
        writer.append(try renamed(operation.object, view, target), forKey: "o")
        if let object2 = operation.object2 { writer.append(try renamed(object2, view, target), forKey: "o2") }
        steps.append(writer.finish())
        return steps
    }

    private func renamed(_ element: BSONElement, _ view: Namespace, _ target: Namespace) throws -> BSONDocument {
        var document = try BSONDocument(framed: element.valueBytes)
        guard view != target else { return document }
        if document.contains("_id") { document.set(.string(target.description), for: "_id") }
        if let source = document["viewOn"]?.stringValue,
            let moved = selection.target(of: Namespace(database: view.database, collection: source)),
            moved.database == target.database
        {
            document.set(.string(moved.collection), for: "viewOn")
        }
        return document
    }

    // MARK: Commands

    /// The operations that a command comes to, to be applied one by one; none where there is nothing to do.
    ///
    /// - Parameters:
    ///   - sources: The collections that the source has, by its own names.
    ///   - isTolerant: The base was still being copied at that time: what the command is about need not be there.
    ///   - mayBeDone: A replay that broke off may have run it already.
    mutating func steps(
        for command: OplogCommand,
        sources: some Collection<Namespace>,
        isTolerant: Bool,
        mayBeDone: Bool
    ) throws -> [BSONDocument] {
        switch command {
        case .create(let namespace, let options):
            guard let target = selected(namespace) else { return [] }
            // Servers refuse to drop the collections of users and roles, so where there are some they stay.
            if target.database == "admin", target.collection.hasPrefix("system."), collections[target] != nil {
                return []
            }
            let steps = drop(target)
            remember(target, isCapped: options["capped"]?.isTruthy ?? false)
            return steps + [Self.command(on: target.database, try Self.naming(target.collection, first: options))]
        case .drop(let namespace):
            guard let target = selected(namespace) else { return [] }
            if collections[target] == nil, !isTolerant, !mayBeDone { throw Self.missing(target) }
            return drop(target)
        case .dropDatabase(let database):
            // The oplog has a drop for each collection in front of it, so there is rarely anything left.
            return sources.filter { $0.database == database }.compactMap { selected($0) }.flatMap { drop($0) }
        case .rename(let from, let to, let dropsTarget):
            return try rename(from, to, dropsTarget || isTolerant, mayBeMissing: isTolerant || mayBeDone)
        case .collMod(let namespace, let options):
            guard let target = selected(namespace) else { return [] }
            guard collections[target] != nil || isTolerant else { throw Self.missing(target) }
            // The index is not there yet: the catalogue has the change.
            let rest = options.removing("index")
            guard collections[target] != nil, rest.count > 1 else { return [] }
            return [Self.command(on: target.database, try Self.naming(target.collection, first: rest))]
        case .emptyCapped(let namespace):
            guard let target = selected(namespace) else { return [] }
            guard collections[target] != nil || isTolerant else { throw Self.missing(target) }
            return collections[target] == nil
                ? [] : [Self.command(on: target.database, ["emptycapped": .string(target.collection)])]
        case .addIndexes, .dropIndexes, .nothing, .applyOps, .commitTransaction, .abortTransaction: return []
        case .unknown(let name):
            throw ReplicaKitError(
                .backupOvertaken,
                "the oplog has a \(name), which cannot be replayed",
                hint: "Restore to a moment before it, or from a backup that was made after it."
            )
        }
    }

    private mutating func rename(
        _ from: Namespace,
        _ to: Namespace,
        _ dropsTarget: Bool,
        mayBeMissing: Bool
    ) throws -> [BSONDocument] {
        guard let old = selected(from) else {
            guard let new = selected(to) else { return [] }
            throw ReplicaKitError(
                .backupOvertaken,
                "\(from), which is not restored, was renamed to \(to), which is",
                hint: "Restore \(from) too, or leave out \(new)."
            )
        }
        guard let new = selected(to) else { return drop(old) }
        guard let isCapped = collections[old] else {
            if mayBeMissing { return [] }
            throw Self.missing(old)
        }
        guard old.database == new.database else {
            throw ReplicaKitError(
                .backupOvertaken,
                "\(from) was renamed to \(to), and the two are restored to different databases",
                hint: "Restore both to the same database."
            )
        }
        // With `dropTarget` inside applyOps the old collection would stay, under another name.
        let steps = dropsTarget ? drop(new) : []
        forget(old)
        remember(new, isCapped: isCapped)
        return steps + [
            Self.command(
                on: old.database,
                ["renameCollection": .string(old.description), "to": .string(new.description), "stayTemp": false]
            )
        ]
    }

    private func selected(_ namespace: Namespace) -> Namespace? {
        isOwnedByServer(namespace) ? nil : selection.target(of: namespace)
    }

    private mutating func drop(_ target: Namespace) -> [BSONDocument] {
        guard collections[target] != nil else { return [] }
        forget(target)
        return [Self.command(on: target.database, ["drop": .string(target.collection)])]
    }

    private mutating func remember(_ target: Namespace, isCapped: Bool) {
        collections[target] = isCapped
        known = [:]
    }

    private mutating func forget(_ target: Namespace) {
        collections[target] = nil
        known = [:]
    }

    static func missing(_ namespace: some CustomStringConvertible) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "\(namespace) is not there",
            hint: "The oplog does not belong to what was restored before it: verify the backup."
        )
    }

    private static func command(on database: String, _ command: BSONDocument) -> BSONDocument {
        ["op": "c", "ns": .string("\(database).$cmd"), "o": .document(command)]
    }

    /// The command with another collection in its first field, and the rest as it is.
    private static func naming(_ collection: String, first command: BSONDocument) throws -> BSONDocument {
        var writer = BSONWriter(capacity: command.byteCount + 64)
        var isFirst = true
        var reader = command.reader()
        while let element = try reader.next() {
            if isFirst { writer.append(collection, forKey: element.key) } else { writer.append(element) }
            isFirst = false
        }
        return writer.finish()
    }
}
