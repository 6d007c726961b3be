/// The deprecated reference to a document by namespace and ObjectId.
public struct BSONDBPointer: Sendable, Hashable {
    /// The namespace, `database.collection`.
    public var namespace: String
    /// The `_id` of the document referred to.
    public var id: ObjectID

    /// Makes a DBPointer.
    public init(namespace: String, id: ObjectID) {
        self.namespace = namespace
        self.id = id
    }
}
