/// Where a member's history ends: what decides who may be the primary after a failure.
enum HistoryEnd: Sendable, Hashable {
    /// Its last write.
    case at(OpTime)
    /// Its copy of the data was never completed, so that whatever its oplog has is no history to go on from.
    case incompleteCopy
    /// It never was in a set, or has no data at all.
    case nothing

    /// Its last write, where there is one that counts.
    var last: OpTime? { if case .at(let last) = self { last } else { nil } }
}

extension HistoryEnd: CustomStringConvertible {
    /// For a sentence that begins with the member.
    var description: String {
        switch self {
        case .at(let last): "ends at \(last)"
        case .incompleteCopy: "has no complete copy of the data: its initial sync was cut short, and begins anew"
        case .nothing: "has no history"
        }
    }
}

extension HistoryEnd {
    /// Reads it from a server that runs on the member's data as a standalone.
    static func read(from connection: any MemberConnection, timeout: Duration) async throws -> HistoryEnd {
        let state = FindOne(in: Namespace(database: "local", collection: "replset.minvalid"))
        if try await connection.run(state, timeout: timeout).found?["doingInitialSync"]?.boolValue == true {
            return .incompleteCopy
        }
        // What stands behind this point was written beside gaps when the server died, and its next start as a member
        // cuts it off.
        let cut = FindOne(in: Namespace(database: "local", collection: "replset.oplogTruncateAfterPoint"))
        let point = try await connection.run(cut, timeout: timeout).found?["oplogTruncateAfterPoint"]?.timestampValue
        let position: FindOplogEntry.Position = point.flatMap { $0.seconds == 0 ? nil : .upTo($0) } ?? .last
        guard let entry = try await connection.run(FindOplogEntry(position), timeout: timeout).entry else {
            return .nothing
        }
        return .at(OpTime(timestamp: entry.timestamp, term: entry.term ?? -1))
    }
}
