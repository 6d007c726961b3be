/// Writes BSON as Extended JSON, element by element, with a stack of its own instead of recursion.
struct ExtendedJSONPrinter {
    private enum Kind {
        case document
        case array
        /// The scope of code, after which the wrapper object must be closed too.
        case scope
    }

    private struct Level {
        var kind: Kind
        var reader: BSONReader
    }

    private let format: ExtendedJSONFormat
    private var json: JSONPrinter
    private var open: [Level] = []

    init(_ format: ExtendedJSONFormat, pretty: Bool) {
        self.format = format
        json = JSONPrinter(pretty: pretty)
    }

    var text: String { json.text }

    mutating func write(_ value: BSONValue) throws(BSONError) {
        begin(value)
        while let last = open.indices.last {
            guard let element = try open[last].reader.next() else {
                end(open[last].kind)
                open.removeLast()
                continue
            }
            if open[last].kind != .array {
                json.key(element.key)
            }
            begin(try element.value())
        }
    }

    /// Writes a scalar, or the start of a container whose rest the loop writes.
    private mutating func begin(_ value: BSONValue) {
        switch value {
        case .document(let document):
            json.begin("{")
            open.append(Level(kind: .document, reader: document.reader()))
        case .array(let array):
            json.begin("[")
            open.append(Level(kind: .array, reader: array.document.reader()))
        case .javaScriptWithScope(let code):
            json.begin("{")
            json.key("$code")
            json.string(code.code)
            json.key("$scope")
            json.begin("{")
            open.append(Level(kind: .scope, reader: code.scope.reader()))
        default:
            json.write(scalar: value, format: format)
        }
    }

    private mutating func end(_ kind: Kind) {
        switch kind {
        case .document: json.end("}")
        case .array: json.end("]")
        case .scope:
            json.end("}")
            json.end("}")
        }
    }
}

extension JSONPrinter {
    fileprivate mutating func write(scalar value: BSONValue, format: ExtendedJSONFormat) {
        switch value {
        case .document, .array, .javaScriptWithScope: break
        case .string(let text): string(text)
        case .bool(let value): literal(value ? "true" : "false")
        case .null: literal("null")
        case .undefined: wrap("$undefined", literal: "true")
        case .minKey: wrap("$minKey", literal: "1")
        case .maxKey: wrap("$maxKey", literal: "1")
        case .int32(let value): number(String(value), "$numberInt", isPlain: format == .relaxed)
        case .int64(let value): number(String(value), "$numberLong", isPlain: format == .relaxed)
        case .double(let value):
            number(Self.text(of: value), "$numberDouble", isPlain: format == .relaxed && value.isFinite)
        case .decimal128(let value): wrap("$numberDecimal", value.description)
        case .objectID(let value): wrap("$oid", value.hexString)
        case .symbol(let value): wrap("$symbol", value)
        case .javaScript(let value): wrap("$code", value)
        case .dateTime(let value): write(value, format: format)
        case .binary(let value):
            wrap("$binary") { json in
                json.pair("base64", Base64.text(of: value.bytes))
                json.pair("subType", Hexadecimal.text(of: [value.subtype.rawValue]))
            }
        case .timestamp(let value):
            wrap("$timestamp") { json in
                json.key("t")
                json.literal(String(value.seconds))
                json.key("i")
                json.literal(String(value.increment))
            }
        case .regularExpression(let value):
            wrap("$regularExpression") { json in
                json.pair("pattern", value.pattern)
                json.pair("options", value.options)
            }
        case .dbPointer(let value):
            wrap("$dbPointer") { json in
                json.pair("$ref", value.namespace)
                json.key("$id")
                json.wrap("$oid", value.id.hexString)
            }
        }
    }

    private mutating func write(_ value: BSONDateTime, format: ExtendedJSONFormat) {
        // The relaxed format writes text for the years 1970 to 9999 alone.
        if format == .relaxed, 0..<253_402_300_800_000 ~= value.milliseconds {
            wrap("$date", value.rfc3339)
        } else {
            begin("{")
            key("$date")
            wrap("$numberLong", String(value.milliseconds))
            end("}")
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN {
            return "NaN"
        }
        if value.isInfinite {
            return value < 0 ? "-Infinity" : "Infinity"
        }
        return JSONNumber.text(of: value)
    }

    private mutating func number(_ text: String, _ wrapper: String, isPlain: Bool) {
        if isPlain {
            literal(text)
        } else {
            wrap(wrapper, text)
        }
    }

    private mutating func pair(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    private mutating func wrap(_ key: String, _ text: String) {
        begin("{")
        pair(key, text)
        end("}")
    }

    private mutating func wrap(_ key: String, literal text: String) {
        begin("{")
        self.key(key)
        literal(text)
        end("}")
    }

    /// Writes an object with one key whose value is an object too, with the members that the closure writes.
    private mutating func wrap(_ key: String, _ write: (inout JSONPrinter) -> Void) {
        begin("{")
        self.key(key)
        begin("{")
        write(&self)
        end("}")
        end("}")
    }
}
