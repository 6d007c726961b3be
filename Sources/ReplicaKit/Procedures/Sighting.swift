/// One member's word that another lives: a heartbeat that the two had of late.
///
/// A host sees processes, and an operator believes what he believes; who still exchanges heartbeats with a member knows
/// better than both.
public struct Sighting: Sendable, Hashable {
    /// Who says so.
    public var witness: MemberAddress
    /// Who lives by its word.
    public var member: MemberAddress
    /// When their last heartbeat was, by the witness's clock.
    public var at: BSONDateTime
    /// How many seconds before its answer that was.
    public var ageSeconds: Double

    /// Creates a sighting.
    public init(of member: MemberAddress, by witness: MemberAddress, at: BSONDateTime, ageSeconds: Double) {
        self.witness = witness
        self.member = member
        self.at = at
        self.ageSeconds = ageSeconds
    }
}

extension Sighting {
    /// The newest of those that speak against the death of these members; `nil` when none does.
    static func ofLife(
        of members: some Collection<MemberAddress>,
        among sightings: [Sighting],
        in config: ReplicaSetConfig
    ) -> Sighting? {
        // A dead member is noticed when a heartbeat fails, or is not answered in time.
        let limit = max(Double(config.settings.electionTimeoutMillis) / 1000, 10)
        return sightings.filter { members.contains($0.member) && $0.ageSeconds <= limit }
            .min { $0.ageSeconds < $1.ageSeconds }
    }

    /// What is to be done where a member that was taken for dead lives by another's word.
    static let hint =
        "Where it died a moment ago, the others notice within some 10 s: then run the same command again. Else it is "
        + "cut off from here only: restore the network, and a majority elects a primary by itself."
}

extension Sighting: CustomStringConvertible {
    /// A sentence's part: who says what of whom.
    public var description: String {
        let tenths = (ageSeconds * 10).rounded() / 10
        return "\(witness) sees \(member) healthy, with a heartbeat at \(at.rfc3339), \(tenths) s before it said so"
    }
}

extension ReplSetStatusReply {
    /// The others that this member sees healthy and has had a heartbeat of.
    ///
    /// - Parameter witness: The member that gave this reply.
    func sightings(by witness: MemberAddress) -> [Sighting] {
        members.filter { !$0.isSelf && $0.isHealthy }.compactMap { other in
            let heartbeats = [other.lastHeartbeat, other.lastHeartbeatReceived].compactMap(\.self)
            guard let at = heartbeats.max() else { return nil }
            let age = Double(date.milliseconds - at.milliseconds) / 1000
            return Sighting(of: other.address, by: witness, at: at, ageSeconds: age)
        }
    }
}
