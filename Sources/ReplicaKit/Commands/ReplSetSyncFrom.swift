/// `replSetSyncFrom`: tells a secondary which member to replicate from, until it chooses again by itself.
///
/// Told just before a change of primary, it spares majority writers the second for which a member waits until it
/// chooses a new source. On a primary it fails with code 95.
public struct ReplSetSyncFrom: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetSyncFrom"

    /// The member to replicate from, as the config has it.
    public var source: MemberAddress

    /// Creates the command.
    public init(source: MemberAddress) {
        self.source = source
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetSyncFrom": .string(source.description)] }

    /// What was asked for and what it was before.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument

        /// Takes any reply.
        public init(document: BSONDocument) { self.document = document }

        /// The member that it replicated from before.
        public var previousSource: MemberAddress? { document.address("prevSyncTarget") }
        /// Why the request may not be followed, such as a source that is behind.
        public var warning: String? { document["warning"]?.stringValue }
    }
}
