extension BSONValue {
    /// Prints the value as MongoDB Extended JSON, version 2.
    /// - Parameters:
    ///   - format: canonical to keep every type, relaxed to read well.
    ///   - pretty: whether to put members and elements on lines of their own, indented by two spaces.
    /// - Throws: ``BSONError`` when a document in it turns out to be malformed, which a validated one is not.
    public func extendedJSON(_ format: ExtendedJSONFormat = .relaxed, pretty: Bool = false) throws(BSONError) -> String
    {
        var printer = ExtendedJSONPrinter(format, pretty: pretty)
        try printer.write(self)
        return printer.text
    }

    /// Reads a value from MongoDB Extended JSON, version 2, canonical or relaxed or a mixture of both.
    /// - Parameters:
    ///   - text: one JSON value.
    ///   - depthLimit: how many levels of objects and arrays are allowed, at most 1000.
    /// - Throws: ``BSONError`` with the key path, and the offset in bytes of the mistake or of the object it is in.
    public init(
        extendedJSON text: String,
        depthLimit: Int = BSONDocument.defaultDepthLimit
    ) throws(BSONError) {
        let json = try JSONValue(parsing: text, depthLimit: depthLimit)
        var reader = ExtendedJSONReader()
        let document: BSONDocument
        do throws(BSONError) {
            document = try reader.document(wrapping: json)
        } catch {
            var error = error
            // The value was wrapped in a document, whose key means nothing to the caller.
            error.keyPath = Array(error.keyPath.dropFirst())
            throw error
        }
        guard let value = try document.value(forKey: "") else {
            throw BSONError(.invalidExtendedJSON, "There is no value.")
        }
        self = value
    }
}

extension BSONValue: CustomStringConvertible {
    /// The value as relaxed Extended JSON, for people and logs.
    ///
    /// Of a malformed document, what can be read is followed by the error.
    public var description: String {
        var printer = ExtendedJSONPrinter(.relaxed, pretty: false)
        do throws(BSONError) {
            try printer.write(self)
            return printer.text
        } catch {
            return printer.text + " … malformed: \(error)"
        }
    }
}
