/// A rule that a server applies to a replica set config, by a name that does not change between releases.
///
/// Which field broke a rule is said by ``ConfigViolation/field``.
public enum ConfigRule: String, Sendable, Hashable, Codable, CaseIterable {
    // MARK: The form of the document
    /// A field that the server does not know; only `settings` may have such.
    case unknownField
    /// A field stands twice.
    case duplicateField
    /// A field that must be there is not.
    case missingField
    /// A field has a value of another type than the server takes.
    case wrongType
    /// A number must be a whole number.
    case notIntegral
    /// A number is smaller or larger than the server takes.
    case outOfRange
    /// The keys of the array of members must be 0, 1, 2 and so on.
    case arrayKeys
    /// A `host`, or the address of a horizon, is not `host:port`.
    case invalidHost
    /// The name of a tag, custom write concern or horizon begins with `$`, which servers before 5.0 cannot store.
    case dollarPrefixedName
    /// `repaired: true`: the data was repaired, and the server will not use the config until that is gone.
    case repaired

    // MARK: The set
    /// The name of the set is empty.
    case emptySetName
    /// The name of the set is not the one that the member was started with.
    case setNameMismatch
    /// 1 to 50 members.
    case memberCount
    /// 1 to 7 voters.
    case voterCount
    /// At least one member that is no arbiter must have a priority above 0.
    case noElectableMember
    /// Members have different numbers.
    case duplicateMemberID
    /// Members have different addresses.
    case duplicateHost
    /// All members are on the local machine (`localhost`, `127.…`, `[::1]`, Unix sockets), or none is.
    case mixedLocalHosts
    /// More than one arbiter needs `allowMultipleArbiters=true` on all members (from 5.3).
    case multipleArbiters
    /// `configsvr: true` and being started with `--configsvr` go together.
    case configServerRole
    /// Members of config servers build indexes, have no delay and are no arbiters.
    case configServerMember

    // MARK: A member
    /// A member without a vote needs priority 0.
    case priorityWithoutVote
    /// A delayed member needs priority 0.
    case priorityWithDelay
    /// A hidden member needs priority 0.
    case priorityOfHidden
    /// A member that builds no indexes needs priority 0.
    case priorityWithoutIndexes
    /// An arbiter must vote.
    case arbiterWithoutVote
    /// An arbiter has no tags.
    case arbiterWithTags
    /// An arbiter has priority 0 (1 counts as 0).
    case arbiterPriority
    /// `newlyAdded` is the server's own mark and accepted from nobody.
    case newlyAddedGiven
    /// The delay has another name in this version (`slaveDelay`, `secondaryDelaySecs`).
    case delayFieldName

    // MARK: Horizons
    /// `horizons` names none.
    case horizonsEmpty
    /// The name of a horizon is empty or reserved (`__default`).
    case horizonName
    /// A horizon stands twice at one member.
    case horizonDuplicateName
    /// A host stands twice at one member, in its horizons or as its `host`.
    case horizonDuplicateHost
    /// All members have the same horizons.
    case horizonsDiffer
    /// An address stands at two members.
    case horizonAddressNotUnique
    /// The address of a horizon is an IP address (allowed before 5.0).
    case horizonIsIPAddress

    // MARK: Settings
    /// A custom write concern counts a tag that no member has.
    case unknownTag
    /// `getLastErrorDefaults` is no usable write concern.
    case invalidWriteConcern
    /// A default write concern in the config. Servers from 5.0 on end themselves when they are given one.
    case customWriteConcernDefaults
    /// A time of `settings` that servers take and then cannot compute with: the reconfig fails half-way, or they end.
    case timeTooLong
    /// The identity of the set cannot be given at initiate.
    case replicaSetIDAtInitiate

    // MARK: Initiate
    /// The config is empty. The server would make one up, with the name of its machine for a host.
    case emptyConfig
    /// The first version is 1.
    case versionNotOne

    // MARK: Reconfig
    /// Only the primary takes a reconfig without force.
    case notPrimary
    /// The version must be higher than that of the config in force.
    case versionNotHigher
    /// The identity of the set cannot change.
    case replicaSetIDChanged
    /// A config server stays one.
    case configServerRemoved
    /// An address that is in the config keeps its number.
    case memberIDChanged
    /// `buildIndexes` of a member cannot change.
    case buildIndexesChanged
    /// `arbiterOnly` of a member cannot change.
    case arbiterChanged
    /// At most one vote is gained or lost at a time.
    case manyVotersChanged
    /// With a primary, a secondary and an arbiter, the secondary must not become electable while the primary is the
    /// only voter that holds data (from 5.0).
    case unsafeArbiterSet
    /// The reconfig would change the default write concern that the number of arbiters implies, and none was set
    /// explicitly (from 5.0).
    case implicitWriteConcernChanged

    // MARK: The member that gets the command
    /// The member that gets the command is not in the config.
    case selfNotFound
    /// The member that gets the command is in the config twice.
    case selfDuplicate
    /// The member that gets the command could not be elected.
    case selfNotElectable

    /// Whether the config is refused although the server would take it, because of what that does to the server.
    public var protectsServer: Bool {
        [.customWriteConcernDefaults, .emptyConfig, .timeTooLong].contains(self)
    }
}
