public import ReplicaKit

/// Reads the archive of the oplog: what it covers, whether it is whole, and the entries of a range.
public struct OplogArchive: Sendable {
    let store: any BackupStore

    /// Creates a reader of the archive in a store.
    public init(store: any BackupStore) {
        self.store = store
    }

    /// All timelines, oldest first, with their slices as a listing shows them.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when the beginning or end of one cannot be read.
    public func timelines() async throws -> [OplogTimeline] {
        var slices: [String: [OplogSlice]] = [:]
        var ended: Set<String> = []
        for object in try await store.list(OplogTimeline.folder + "/") {
            let parts = object.name.split(separator: "/").map(String.init)
            guard parts.count == 3 else { continue }
            if let slice = OplogSlice(name: object.name) {
                slices[slice.timeline, default: []].append(slice)
            } else if object.name == OplogTimeline.endName(parts[1]) {
                ended.insert(parts[1])
            } else if object.name == OplogTimeline.beginName(parts[1]) {
                slices[parts[1], default: []] += []
            }
        }
        var timelines: [OplogTimeline] = []
        for (id, slices) in slices.sorted(by: { $0.key < $1.key }) {
            let begin = try await read(OplogTimeline.Begin.self, OplogTimeline.beginName(id))
            guard begin.timeline == id else {
                throw damaged(OplogTimeline.beginName(id), "it is of timeline \(begin.timeline)")
            }
            let end = ended.contains(id) ? try await read(OplogTimeline.End.self, OplogTimeline.endName(id)) : nil
            timelines.append(OplogTimeline(begin: begin, end: end, slices: slices.sorted { $0.last < $1.last }))
        }
        return timelines
    }

    /// The ranges that are covered without a gap, oldest timeline first.
    ///
    /// - Parameter setID: Only those of the set with this number; `nil` for all.
    public func windows(of setID: String? = nil) async throws -> [OplogArchiveWindow] {
        try await timelines().filter { setID == nil || $0.begin.setID == setID }.flatMap(\.windows)
    }

    /// The entries from one timestamp through another, both included. They are checked as they are read: hashes, order,
    /// and that each slice goes on where the one before it ended.
    ///
    /// - Parameters:
    ///   - first: Where to begin; the archive must hold everything from there on.
    ///   - last: Where to end.
    ///   - setID: The set's own number, so that another set's oplog is never taken; `nil` where it is unknown.
    /// - Throws: ``ReplicaKitError/Code/momentNotCovered`` with what is covered, before anything is read.
    public func entries(
        from first: BSONTimestamp,
        through last: BSONTimestamp,
        of setID: String? = nil
    ) async throws -> OplogArchiveReader {
        let timelines = try await timelines().filter { setID == nil || $0.begin.setID == setID }
        // The newest that covers it: what an older one has in common with it was rolled back.
        guard
            let timeline = timelines.last(where: { timeline in
                timeline.windows.contains { $0.covers(from: first, through: last) }
            })
        else {
            let windows = timelines.flatMap(\.windows).map { "after \($0.after) through \($0.last)" }
            throw ReplicaKitError(
                .momentNotCovered,
                "the archive of the oplog does not hold all of \(first) through \(last)",
                hint: windows.isEmpty
                    ? "It holds nothing of this set: run rkctl oplog archive."
                    : "It holds what comes \(windows.joined(separator: "; "))."
            )
        }
        let slices = timeline.slices.filter { $0.last >= first && $0.after < last }
        return OplogArchiveReader(store: store, timeline: timeline, slices: slices, first: first, last: last)
    }

    /// Reads everything, and checks every hash and the chain from each timeline's beginning on.
    ///
    /// - Returns: What is wrong; empty when all is well.
    public func verify() async throws -> [ReplicaKitError] {
        var problems: [ReplicaKitError] = []
        for timeline in try await timelines() {
            var previous: (last: BSONTimestamp, hash: String)? = (
                timeline.begin.after.timestamp, try timeline.begin.hash()
            )
            // What was pruned is not missing.
            if let first = timeline.slices.first?.after, try await prunedThrough(timeline.id) == first {
                previous = nil
            }
            for slice in timeline.slices {
                do {
                    var reader = try await OplogSliceReader(slice, in: store)
                    // After a damaged one there is nothing to compare with.
                    if let previous, previous.last != slice.after {
                        problems.append(OplogSliceReader.damaged(slice, "the slice before it is missing"))
                    } else if let previous, previous.hash != reader.header.previous {
                        problems.append(OplogSliceReader.damaged(slice, "it does not belong to the slice before it"))
                    }
                    previous = (slice.last, OplogSliceHeader.hash(of: reader.document))
                    while try await reader.next() != nil {}
                } catch let error as ReplicaKitError where error.code.family == .backup && !error.isOfStore {
                    problems.append(error)
                    previous = nil
                }
            }
        }
        return problems
    }

    /// Removes slices that end before an entry, and notes that they were not lost.
    ///
    /// - Returns: How many.
    func prune(before needed: BSONTimestamp, of set: ReplicaSetName) async throws -> Int {
        var count = 0
        for timeline in try await timelines() where timeline.begin.set == set.rawValue {
            // The last slice of a timeline that goes on is what the next one is chained to.
            let slices = timeline.end == nil ? timeline.slices.dropLast() : timeline.slices[...]
            let gone = slices.prefix { $0.last < needed }
            guard let last = gone.last else { continue }
            let note: BSONDocument = ["through": .timestamp(last.last)]
            try await store.put(Array(note.extendedJSON(.relaxed).utf8), as: OplogTimeline.prunedName(timeline.id))
            try await store.delete(gone.map(\.name))
            count += gone.count
        }
        return count
    }

    private func prunedThrough(_ timeline: String) async throws -> BSONTimestamp? {
        let name = OplogTimeline.prunedName(timeline)
        guard try await store.list(name).contains(where: { $0.name == name }) else { return nil }
        let text = String(decoding: try await store.content(of: name, limit: 1 << 20), as: UTF8.self)
        return try BSONDocument(extendedJSON: text)["through"]?.timestampValue
    }

    func read<Value: Decodable>(_ type: Value.Type, _ name: String) async throws -> Value {
        let content = try await store.content(of: name, limit: 1 << 20)
        do {
            return try BSONDecoder().decode(
                type,
                from: BSONDocument(extendedJSON: String(decoding: content, as: UTF8.self))
            )
        } catch {
            throw damaged(name, "it cannot be read: \(error)")
        }
    }

    private func damaged(_ name: String, _ what: String) -> ReplicaKitError {
        ReplicaKitError(.backupDamaged, "\(name): \(what)", hint: "Look at the archive: rkctl oplog status.")
    }
}

extension OplogTimeline.Begin {
    /// What the first slice names as its predecessor.
    func hash() throws -> String { OplogSliceHeader.hash(of: try BSONEncoder().encode(self)) }
}
