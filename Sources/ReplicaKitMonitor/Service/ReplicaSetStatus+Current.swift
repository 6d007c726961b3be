import ReplicaKit

extension ReplicaSetStatus {
    /// The members that belong to the set now: those of the config. One that left it is no member any more, although
    /// the spec that the monitor was started with may still name it. While no config can be read, all count.
    var currentMembers: [Member] {
        configVersion == nil ? members : members.filter { $0.id != nil }
    }
}
