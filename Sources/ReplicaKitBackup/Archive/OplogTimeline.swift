public import ReplicaKit

/// A part of the archive without a gap: from where it was begun until the oplog could not be followed any more.
///
/// After a gap, a rollback of what was saved, or a restore, the oplog goes on in a new timeline, and from then on needs
/// a new backup to begin from.
public struct OplogTimeline: Sendable, Hashable {
    static let folder = "oplog"

    /// How it began.
    public struct Begin: Sendable, Hashable, Codable {
        /// The version of the format.
        public var format: Int
        /// The timeline's id; ids sort by time.
        public var timeline: String
        /// The set's name.
        public var set: String
        /// The set's own number (`settings.replicaSetId`), in hexadecimal.
        public var setID: String?
        /// The entry after which it begins.
        public var after: OpTime
        /// When it was begun, by the clock of the machine that did.
        public var created: BSONDateTime
    }

    /// Why it ended.
    public enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
        /// No member has the entry any more that comes after the last one saved: the oplog rolled over.
        case rolledOver
        /// Members have other entries than what was saved: it was rolled back, which only a forced config or a loss of
        /// a majority's data can do, or the data directories were put back to an earlier time.
        case rolledBack
        /// It is another set now: it was initiated anew.
        case otherSet
    }

    /// How it ended.
    public struct End: Sendable, Hashable, Codable {
        /// Why.
        public var reason: Reason
        /// The same in words.
        public var message: String
        /// The last entry that was saved.
        public var last: OpTime
        /// When that was found out, by the clock of the machine that did.
        public var created: BSONDateTime
    }

    /// How it began.
    public let begin: Begin
    /// How it ended; `nil` while it goes on.
    public let end: End?
    /// Its slices, in order.
    public let slices: [OplogSlice]

    /// The timeline's id.
    public var id: String { begin.timeline }

    /// The ranges that its slices cover without a gap; more than one where slices are missing.
    public var windows: [OplogArchiveWindow] {
        var windows: [OplogArchiveWindow] = []
        for slice in slices {
            if let open = windows.last, open.last == slice.after {
                windows[windows.count - 1].last = slice.last
            } else {
                windows.append(OplogArchiveWindow(timeline: id, after: slice.after, last: slice.last))
            }
        }
        return windows
    }

    static func beginName(_ id: String) -> String { "\(folder)/\(id)/begin.json" }
    static func prunedName(_ id: String) -> String { "\(folder)/\(id)/pruned.json" }
    static func endName(_ id: String) -> String { "\(folder)/\(id)/end.json" }
}

/// A range of the oplog that the archive holds.
public struct OplogArchiveWindow: Sendable, Hashable {
    /// The timeline.
    public var timeline: String
    /// Every entry after this one is there …
    public var after: BSONTimestamp
    /// … through this one.
    public var last: BSONTimestamp

    /// Whether all entries from one timestamp through another are in it, both included.
    public func covers(from first: BSONTimestamp, through last: BSONTimestamp) -> Bool {
        after < first && last <= self.last
    }
}
