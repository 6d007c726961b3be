public import ReplicaKit

/// A set that somebody else started as containers, as far as it could be found out.
public struct DiscoveredSet: Sendable {
    /// What describes it, valid.
    public var spec: ReplicaSetSpec
    /// The set's keyfile; `nil` where it was not found, or there is none.
    public var keyFile: Secret?
    /// What could not be found out, or is not in the spec, and what that means; a sentence each.
    public var remarks: [String]
}

/// Which containers a set is looked for in.
public enum ContainerSelection: Sendable, Hashable {
    /// All of the engine. Those that run are asked.
    case all
    /// Those of a Compose project.
    case project(String)
    /// These, by name or id.
    case named([String])
}
