extension BSONDocument {
    /// Prints the document as MongoDB Extended JSON, version 2.
    /// - Parameters:
    ///   - format: canonical to keep every type, relaxed to read well.
    ///   - pretty: whether to put members on lines of their own, indented by two spaces.
    /// - Throws: ``BSONError`` when the document turns out to be malformed, which a validated one is not.
    public func extendedJSON(_ format: ExtendedJSONFormat = .relaxed, pretty: Bool = false) throws(BSONError) -> String
    {
        try BSONValue.document(self).extendedJSON(format, pretty: pretty)
    }

    /// Reads a document from MongoDB Extended JSON, version 2, canonical or relaxed or a mixture of both.
    ///
    /// Keys keep their order, and repeated keys stay. The legacy forms of Extended JSON are not read: `$regex` and
    /// `$type` are the query operators of these names.
    /// - Parameters:
    ///   - text: one JSON object.
    ///   - depthLimit: how many levels of objects and arrays are allowed, at most 1000.
    /// - Throws: ``BSONError`` with the key path, and the offset in bytes of the mistake or of the object it is in.
    public init(
        extendedJSON text: String,
        depthLimit: Int = defaultDepthLimit
    ) throws(BSONError) {
        try self.init(extendedJSON: Array(text.utf8), depthLimit: depthLimit)
    }

    /// Reads a document from the UTF-8 of MongoDB Extended JSON, version 2.
    /// - Parameters:
    ///   - text: one JSON object.
    ///   - depthLimit: how many levels of objects and arrays are allowed, at most 1000.
    /// - Throws: ``BSONError`` with the key path, and the offset in bytes of the mistake or of the object it is in.
    public init(
        extendedJSON text: [UInt8],
        depthLimit: Int = defaultDepthLimit
    ) throws(BSONError) {
        var parser = JSONParser(text[...], depthLimit: depthLimit)
        guard case .object(let object) = try parser.parse() else {
            throw BSONError(.invalidExtendedJSON, "A document must be a JSON object.", offset: 0)
        }
        var reader = ExtendedJSONReader()
        self = try reader.document(object)
    }
}

extension BSONDocument: CustomStringConvertible {
    /// The document as relaxed Extended JSON, for people and logs.
    public var description: String { BSONValue.document(self).description }
}

extension BSONArray: CustomStringConvertible {
    /// The array as relaxed Extended JSON, for people and logs.
    public var description: String { BSONValue.array(self).description }
}
