import ReplicaKit

/// Follows in a set's oplog whether a restore into it was under way, by the mark that is made first and removed last:
/// what it writes to is half restored until then.
struct RestoreWatch: Sendable {
    /// The entry with which the restore began; `nil` while none is under way.
    private(set) var since: BSONTimestamp?
    /// Whether it removes and replaces what there was, and does not say what.
    private var mirrors = false
    /// What it removes, and has begun to fill.
    private var targets: Set<Namespace> = []

    /// Takes the next entry.
    mutating func follow(_ entry: BSONDocument) {
        guard let timestamp = entry["ts"]?.timestampValue,
            let namespace = entry["ns"]?.stringValue, namespace.hasPrefix("\(RestoreMark.database)."),
            let kind = entry["op"]?.stringValue, let object = entry["o"]?.documentValue
        else { return }
        if kind == "c", object.contains("drop") || object.contains("dropDatabase") {
            self = RestoreWatch()
        } else if kind == "i", let id = object["_id"]?.stringValue {
            since = since ?? timestamp
            if id == "restore" { begin(object) }
            if id.hasPrefix("data "), let target = Namespace(oplog: String(id.dropFirst(5))) { targets.insert(target) }
        }
    }

    private mutating func begin(_ mark: BSONDocument) {
        if let removed = mark["removes"]?.arrayValue {
            targets.formUnion(removed.compactMap { $0.stringValue.flatMap(Namespace.init(oplog:)) })
        } else {
            mirrors = mark["mirrors"]?.isTruthy ?? true
        }
    }

    /// Whether what a selection takes may be half of a restore.
    func concerns(_ selection: NamespaceSelection) -> Bool {
        since != nil && (mirrors || targets.contains { selection.target(of: $0) != nil })
    }
}
