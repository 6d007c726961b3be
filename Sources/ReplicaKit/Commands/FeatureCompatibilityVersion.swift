/// `getParameter` for `featureCompatibilityVersion`: asks which release's data format a member writes.
public struct GetFeatureCompatibilityVersion: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "getParameter"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["getParameter": 1, "featureCompatibilityVersion": 1] }

    /// The version.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The release, such as `6.0`.
        public let version: String

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it has no version.
        public init(document: BSONDocument) throws {
            self.document = document
            version = try ReplyFields(document).fields("featureCompatibilityVersion").string("version")
        }

        /// The release that an unfinished change leads to; `nil` when there is none.
        public var targetVersion: String? {
            document[path: "featureCompatibilityVersion", "targetVersion"]?.stringValue
        }
    }
}
