/// What an object means whose keys say that it stands for a BSON value.
enum ExtendedJSONWrapper {
    case value(BSONValue)
    case codeWithScope(code: String, scope: JSONObject)

    private static let specialKeys: Set<String> = [
        "$binary", "$code", "$date", "$dbPointer", "$maxKey", "$minKey", "$numberDecimal", "$numberDouble",
        "$numberInt", "$numberLong", "$oid", "$regularExpression", "$scope", "$symbol", "$timestamp", "$undefined",
        "$uuid",
    ]

    /// Interprets an object that has one of the special keys; nil when it has none and is a document.
    /// - Throws: ``BSONError`` when it has one, but not exactly the keys and values that belong to it.
    init?(_ object: JSONObject) throws(BSONError) {
        let special = object.members.first {
            $0.key.utf8.first == UInt8(ascii: "$") && Self.specialKeys.contains($0.key)
        }
        guard let special else { return nil }
        if special.key == "$code" || special.key == "$scope" {
            self = try Self.code(object)
            return
        }
        guard object.members.count == 1 else {
            throw Self.error("An object with \(special.key) has other keys too.", object)
        }
        guard let value = try Self.value(special.key, special.value) else {
            throw Self.error("The value of \(special.key) is not of the right form.", object)
        }
        self = .value(value)
    }

    private static func error(_ message: String, _ object: JSONObject) -> BSONError {
        BSONError(.invalidExtendedJSON, message, offset: object.sourceOffset)
    }

    private static func code(_ object: JSONObject) throws(BSONError) -> ExtendedJSONWrapper {
        guard case .string(let code) = object["$code"] else {
            throw error("Code must be a string under the key $code.", object)
        }
        if object.members.count == 1 {
            return .value(.javaScript(code))
        }
        guard object.members.count == 2, case .object(let scope) = object["$scope"] else {
            throw error("Code may have an object under $scope beside it, and nothing else.", object)
        }
        return .codeWithScope(code: code, scope: scope)
    }

    /// The value that a wrapper's content stands for, or nil when it is not of the right form.
    private static func value(_ key: String, _ content: JSONValue) throws(BSONError) -> BSONValue? {
        switch (key, content) {
        case ("$oid", .string(let text)): ObjectID(text).map { .objectID($0) }
        case ("$symbol", .string(let text)): .symbol(text)
        case ("$numberInt", .string(let text)): isInteger(text) ? Int32(text).map { .int32($0) } : nil
        case ("$numberLong", .string(let text)): isInteger(text) ? Int64(text).map { .int64($0) } : nil
        case ("$numberDouble", .string(let text)): double(text).map { .double($0) }
        case ("$numberDecimal", .string(let text)): Decimal128(text).map { .decimal128($0) }
        case ("$uuid", .string(let text)): uuid(text).map { .binary($0) }
        case ("$date", _): date(content).map { .dateTime($0) }
        case ("$binary", .object(let object)): binary(object).map { .binary($0) }
        case ("$timestamp", .object(let object)): timestamp(object).map { .timestamp($0) }
        case ("$regularExpression", .object(let object)):
            try regularExpression(object).map { .regularExpression($0) }
        case ("$dbPointer", .object(let object)): dbPointer(object).map { .dbPointer($0) }
        case ("$minKey", .number(let number)): number.int64Value == 1 ? .minKey : nil
        case ("$maxKey", .number(let number)): number.int64Value == 1 ? .maxKey : nil
        case ("$undefined", .bool(true)): .undefined
        default: nil
        }
    }

    /// The values under exactly these two keys, in either order.
    private static func pair(_ object: JSONObject, _ first: String, _ second: String) -> (JSONValue, JSONValue)? {
        guard object.members.count == 2, let one = object[first], let two = object[second] else { return nil }
        return (one, two)
    }

    private static func isInteger(_ text: String) -> Bool {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-") }
    }

    private static func double(_ text: String) -> Double? {
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            // Swift also reads hexadecimal digits and other words, which Extended JSON does not have.
            let isDecimal = text.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.eE".utf8.contains($0)
            }
            guard isDecimal, let value = Double(text), value.isFinite else { return nil }
            return value
        }
    }

    private static func date(_ content: JSONValue) -> BSONDateTime? {
        switch content {
        case .string(let text):
            return BSONDateTime(rfc3339: text)
        case .object(let object):
            guard object.members.count == 1, case .string(let text) = object["$numberLong"], isInteger(text) else {
                return nil
            }
            return Int64(text).map { BSONDateTime(milliseconds: $0) }
        default:
            return nil
        }
    }

    private static func binary(_ object: JSONObject) -> BSONBinary? {
        guard case (.string(let base64), .string(let subtype))? = pair(object, "base64", "subType"),
            let bytes = Base64.bytes(of: base64), 1...2 ~= subtype.utf8.count, let byte = UInt8(subtype, radix: 16)
        else {
            return nil
        }
        return BSONBinary(subtype: BSONBinary.Subtype(rawValue: byte), bytes: bytes)
    }

    private static func uuid(_ text: String) -> BSONBinary? {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard groups.map(\.count) == [8, 4, 4, 4, 12], let bytes = Hexadecimal.bytes(of: groups.joined()) else {
            return nil
        }
        return BSONBinary(subtype: .uuid, bytes: bytes)
    }

    private static func timestamp(_ object: JSONObject) -> BSONTimestamp? {
        guard case (.number(let t), .number(let i))? = pair(object, "t", "i"),
            let seconds = t.int64Value.flatMap({ UInt32(exactly: $0) }),
            let increment = i.int64Value.flatMap({ UInt32(exactly: $0) })
        else {
            return nil
        }
        return BSONTimestamp(seconds: seconds, increment: increment)
    }

    private static func regularExpression(_ object: JSONObject) throws(BSONError) -> BSONRegularExpression? {
        guard case (.string(let pattern), .string(let options))? = pair(object, "pattern", "options") else {
            return nil
        }
        guard !pattern.utf8.contains(0), !options.utf8.contains(0) else {
            throw BSONError(
                .embeddedNull,
                "A part of a regular expression contains a NUL.",
                offset: object.sourceOffset
            )
        }
        return BSONRegularExpression(pattern: pattern, options: options)
    }

    private static func dbPointer(_ object: JSONObject) -> BSONDBPointer? {
        guard case (.string(let namespace), .object(let id))? = pair(object, "$ref", "$id"), id.members.count == 1,
            case .string(let text) = id["$oid"], let id = ObjectID(text)
        else {
            return nil
        }
        return BSONDBPointer(namespace: namespace, id: id)
    }
}
