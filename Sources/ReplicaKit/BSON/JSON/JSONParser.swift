/// Reads JSON text, strictly as RFC 8259 has it, into values that keep order, repetitions and the text of numbers.
///
/// It keeps its own stack: the depth of hostile text costs heap within the limit and never the thread's stack.
struct JSONParser {
    /// More levels than anyone needs, and few enough that releasing the values, which recurses, is safe.
    static let largestDepthLimit = 1000

    private struct Container {
        /// The offset of the brace if this is an object; nil for an array.
        var objectOffset: Int?
        /// The key of the member being read.
        var key = ""
        var elements: [JSONValue] = []
        var members: [JSONObject.Member] = []

        var value: JSONValue {
            guard let objectOffset else { return .array(elements) }
            var object = JSONObject(members: members)
            object.sourceOffset = objectOffset
            return .object(object)
        }
    }

    private let depthLimit: Int
    private var scanner: JSONScanner
    private var open: [Container] = []

    init(_ text: String, depthLimit: Int) {
        self.init(ArraySlice(text.utf8), depthLimit: depthLimit)
    }

    init(_ bytes: ArraySlice<UInt8>, depthLimit: Int) {
        self.depthLimit = min(depthLimit, Self.largestDepthLimit)
        scanner = JSONScanner(bytes: bytes)
    }

    /// Reads one value, which must be all of the text.
    mutating func parse() throws(BSONError) -> JSONValue {
        do throws(BSONError) {
            while true {
                guard let value = try parseValueOrOpen() else { continue }
                if let result = try close(with: value) {
                    scanner.skipSpace()
                    guard scanner.isAtEnd else { throw scanner.error("Text is left over after the value.") }
                    return result
                }
            }
        } catch {
            var error = error
            error.keyPath = open.map { $0.objectOffset == nil ? String($0.elements.count) : $0.key }
            throw error
        }
    }

    /// Reads a value that is complete in itself, or opens an object or array with something in it and returns nil.
    private mutating func parseValueOrOpen() throws(BSONError) -> JSONValue? {
        scanner.skipSpace()
        let offset = scanner.offset
        switch scanner.peek {
        case UInt8(ascii: "{"):
            try checkDepth()
            scanner.advance()
            let container = Container(objectOffset: offset)
            if scanner.take("}") {
                return container.value
            }
            open.append(container)
            open[open.count - 1].key = try scanner.key()
            return nil
        case UInt8(ascii: "["):
            try checkDepth()
            scanner.advance()
            if scanner.take("]") {
                return .array([])
            }
            open.append(Container())
            return nil
        case UInt8(ascii: "\""):
            return .string(try scanner.string())
        case UInt8(ascii: "t"):
            try scanner.word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanner.word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanner.word("null")
            return .null
        default:
            return .number(try scanner.number())
        }
    }

    /// Puts a value into the innermost open container, and closes as many as end after it.
    /// - Returns: the outermost value once nothing is open any more.
    private mutating func close(with value: JSONValue) throws(BSONError) -> JSONValue? {
        var value = value
        // Containers are filled where they are: taking one out of the stack would copy it for every element.
        while let last = open.indices.last {
            if open[last].objectOffset == nil {
                open[last].elements.append(value)
                if scanner.take(",") {
                    return nil
                }
                guard scanner.take("]") else { throw scanner.error("A comma or a closing bracket is missing.") }
            } else {
                open[last].members.append(JSONObject.Member(key: open[last].key, value: value))
                if scanner.take(",") {
                    open[last].key = try scanner.key()
                    return nil
                }
                guard scanner.take("}") else { throw scanner.error("A comma or a closing brace is missing.") }
            }
            value = open[last].value
            open.removeLast()
        }
        return value
    }

    private func checkDepth() throws(BSONError) {
        guard open.count < depthLimit else {
            throw BSONError(.tooDeep, "Values are nested more than \(depthLimit) levels deep.", offset: scanner.offset)
        }
    }
}

extension JSONValue {
    /// Reads JSON text, strictly as RFC 8259 has it.
    /// - Parameters:
    ///   - text: one value.
    ///   - depthLimit: how many levels of objects and arrays are allowed, at most 1000.
    /// - Throws: ``BSONError`` with the reason ``BSONError/Reason/invalidJSON`` or ``BSONError/Reason/tooDeep``, the
    ///   offset and the key path.
    public init(parsing text: String, depthLimit: Int = BSONDocument.defaultDepthLimit) throws(BSONError) {
        var parser = JSONParser(text, depthLimit: depthLimit)
        self = try parser.parse()
    }
}
