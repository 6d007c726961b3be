/// Turns parsed JSON into BSON by the rules of Extended JSON, with a stack of its own instead of recursion.
struct ExtendedJSONReader {
    private enum Kind {
        case document
        case array
        /// The scope of code, after which the code's own length must be filled in.
        case scope(codeStart: Int)
    }

    private struct Level {
        var kind: Kind
        /// Members in order; of an array, with empty keys.
        var members: [JSONObject.Member]
        var next = 0
        var sourceOffset: Int?
    }

    private var writer = BSONWriter()
    private var open: [Level] = []

    /// Converts an object as a document: at the top level a key such as `$oid` has no special meaning.
    mutating func document(_ object: JSONObject) throws(BSONError) -> BSONDocument {
        open.append(Level(kind: .document, members: object.members, sourceOffset: object.sourceOffset))
        try run()
        return try finish()
    }

    /// Converts one value; the document returned holds it under an empty key.
    mutating func document(wrapping value: JSONValue) throws(BSONError) -> BSONDocument {
        open.append(Level(kind: .document, members: [JSONObject.Member(key: "", value: value)]))
        try run()
        return try finish()
    }

    private mutating func finish() throws(BSONError) -> BSONDocument {
        let finished = writer
        writer = BSONWriter()
        return try finished.finishChecked()
    }

    private mutating func run() throws(BSONError) {
        do throws(BSONError) {
            while let last = open.indices.last {
                let index = open[last].next
                guard index < open[last].members.count else {
                    end(open[last].kind)
                    open.removeLast()
                    continue
                }
                open[last].next += 1
                let member = open[last].members[index]
                if case .array = open[last].kind {
                    try write(member.value, forKey: String(index))
                } else if member.key.utf8.contains(0) {
                    throw BSONError(.embeddedNull, "A key contains a NUL.")
                } else {
                    try write(member.value, forKey: member.key)
                }
            }
        } catch {
            throw locate(error)
        }
    }

    private mutating func end(_ kind: Kind) {
        // The outermost document is ended by the writer's finish.
        guard open.count > 1 else { return }
        writer.endLevel()
        if case .scope(let start) = kind {
            writer.patchLength(at: start, length: writer.byteCount - start)
        }
    }

    private mutating func write(_ value: JSONValue, forKey key: String) throws(BSONError) {
        switch value {
        case .null: writer.append(.null, forKey: key)
        case .bool(let value): writer.append(value, forKey: key)
        case .string(let text): writer.append(text, forKey: key)
        case .number(let number): writer.append(try Self.value(of: number), forKey: key)
        case .array(let elements):
            writer.beginLevel(.array, forKey: key)
            open.append(Level(kind: .array, members: elements.map { JSONObject.Member(key: "", value: $0) }))
        case .object(let object):
            guard let wrapper = try ExtendedJSONWrapper(object) else {
                writer.beginLevel(.document, forKey: key)
                open.append(Level(kind: .document, members: object.members, sourceOffset: object.sourceOffset))
                return
            }
            switch wrapper {
            case .value(let value):
                writer.append(value, forKey: key)
            case .codeWithScope(let code, let scope):
                writer.appendHeader(.javaScriptWithScope, key)
                let start = writer.byteCount
                writer.appendInteger(Int32(0))
                writer.appendText(code)
                writer.beginLevel()
                open.append(
                    Level(kind: .scope(codeStart: start), members: scope.members, sourceOffset: scope.sourceOffset)
                )
            }
        }
    }

    /// The smallest type that holds an integer exactly, otherwise a double, as the specification wants.
    private static func value(of number: JSONNumber) throws(BSONError) -> BSONValue {
        if let value = number.int64Value {
            return Int32(exactly: value).map { .int32($0) } ?? .int64(value)
        }
        let value = number.doubleValue
        guard value.isFinite else {
            throw BSONError(.invalidValue, "The number \(number.text) is too large for a double.")
        }
        return .double(value)
    }

    private func locate(_ error: BSONError) -> BSONError {
        var error = error
        error.keyPath = open.compactMap { level in
            let index = level.next - 1
            guard level.members.indices.contains(index) else { return nil }
            if case .array = level.kind {
                return String(index)
            }
            return level.members[index].key
        }
        error.offset = error.offset ?? open.reversed().lazy.compactMap(\.sourceOffset).first
        return error
    }
}
