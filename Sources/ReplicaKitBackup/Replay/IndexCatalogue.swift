public import ReplicaKit

/// The indexes that each collection has at one moment of the oplog.
///
/// A restore builds indexes last, from this: unique indexes would refuse what a replay passes through on its way, and
/// an index that was made, dropped or moved by a rename within the replayed time must end up as the source had it.
public struct IndexCatalogue: Sendable, Hashable {
    /// What one collection has.
    public struct Collection: Sendable, Hashable {
        /// The index specs as `listIndexes` gives them, `_id_` included.
        public var indexes: [BSONDocument]
        /// The collection's default collation, where it has one.
        public var collation: BSONDocument?
        /// Whether the collection is capped.
        public var isCapped: Bool

        /// Creates a description.
        public init(indexes: [BSONDocument] = [], collation: BSONDocument? = nil, isCapped: Bool = false) {
            self.indexes = indexes
            self.collation = collation
            self.isCapped = isCapped
        }

        /// Creates a description from the options that `listCollections` gives.
        public init(options: BSONDocument, indexes: [BSONDocument]) {
            self.init(
                indexes: indexes,
                collation: options["collation"]?.documentValue,
                isCapped: options["capped"]?.isTruthy ?? false
            )
        }

        /// The specs to build on a collection that was created with its options: all but `_id_`. An index that had no
        /// collation on a collection that has one gets the simple one by name, since it would inherit that otherwise.
        public var specsToBuild: [BSONDocument] {
            indexes.filter { $0["name"]?.stringValue != "_id_" && $0["clustered"]?.isTruthy != true }.map { spec in
                guard collation != nil, spec["collation"] == nil else { return spec }
                return spec.setting(["locale": "simple"], for: "collation")
            }
        }
    }

    /// All collections, by the names that the source had for them.
    public private(set) var collections: [Namespace: Collection]

    /// Creates a catalogue.
    public init(_ collections: [Namespace: Collection] = [:]) {
        self.collections = collections
    }

    /// What a collection has; `nil` when there is none of this name.
    public subscript(namespace: Namespace) -> Collection? {
        get { collections[namespace] }
        set { collections[namespace] = newValue }
    }
}

extension IndexCatalogue {
    /// Follows a command. What is not there is left out: at the beginning of a fuzzy backup the catalogue may be ahead.
    mutating func apply(_ command: OplogCommand) {
        switch command {
        case .create(let namespace, let options): create(namespace, options)
        case .drop(let namespace): collections[namespace] = nil
        case .dropDatabase(let database): collections = collections.filter { $0.key.database != database }
        case .rename(let from, let to, _):
            guard let moved = collections.removeValue(forKey: from) else { return }
            collections[to] = moved
        case .addIndexes(let namespace, let specs):
            for spec in specs {
                let name = spec["name"]
                collections[namespace]?.indexes.removeAll { $0["name"] == name }
                collections[namespace]?.indexes.append(spec.detached())
            }
        case .dropIndexes(let namespace, let which):
            collections[namespace]?.indexes.removeAll { $0.isMeant(by: which) && $0["name"]?.stringValue != "_id_" }
        case .collMod(let namespace, let options):
            guard let change = options["index"]?.documentValue else { return }
            let which = change["name"] ?? change["keyPattern"] ?? .null
            guard let indexes = collections[namespace]?.indexes else { return }
            collections[namespace]?.indexes = indexes.map { $0.isMeant(by: which) ? $0.changed(by: change) : $0 }
        case .emptyCapped, .applyOps, .commitTransaction, .abortTransaction, .nothing, .unknown: break
        }
    }

    private mutating func create(_ namespace: Namespace, _ options: BSONDocument) {
        var collection = Collection(options: options, indexes: [])
        collection.collation = collection.collation?.detached()
        if let index = options["idIndex"]?.documentValue {
            collection.indexes = [index.detached()]
        } else if let clustered = options["clusteredIndex"]?.documentValue {
            collection.indexes = [clustered.setting(true, for: "clustered")]
        }
        collections[namespace] = collection
    }
}

extension BSONDocument {
    /// Whether `dropIndexes` or `collMod` means this index: by `*`, its name, its key, or a list of names.
    fileprivate func isMeant(by which: BSONValue) -> Bool {
        switch which {
        case .string("*"): true
        case .string: self["name"] == which
        case .document: self["key"] == which
        case .array(let names): names.contains { self["name"] == $0 }
        default: false
        }
    }

    /// This index as a `collMod` leaves it: a setting that is turned off is gone.
    fileprivate func changed(by change: BSONDocument) -> BSONDocument {
        var spec = self
        if let seconds = change["expireAfterSeconds"] { spec.set(seconds, for: "expireAfterSeconds") }
        for key in ["hidden", "prepareUnique", "unique"] {
            guard let value = change[key] else { continue }
            spec[key] = value.isTruthy ? true : nil
        }
        if change["unique"]?.isTruthy == true { spec["prepareUnique"] = nil }
        return spec
    }
}
