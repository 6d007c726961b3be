/// The required fields of a reply: each is there, with the type it must have, or its path is named in the error.
struct ReplyFields {
    let document: BSONDocument
    let path: [String]

    init(_ document: BSONDocument, path: [String] = []) {
        self.document = document
        self.path = path
    }

    func string(_ key: String) throws(ReplyFieldError) -> String {
        try required(key, "a string") { $0.stringValue }
    }

    func int(_ key: String) throws(ReplyFieldError) -> Int {
        try required(key, "an integer") { $0.intValue }
    }

    func double(_ key: String) throws(ReplyFieldError) -> Double {
        try required(key, "a number") { $0.doubleValue }
    }

    func dateTime(_ key: String) throws(ReplyFieldError) -> BSONDateTime {
        try required(key, "a date") { $0.dateTimeValue }
    }

    func timestamp(_ key: String) throws(ReplyFieldError) -> BSONTimestamp {
        try required(key, "a timestamp") { $0.timestampValue }
    }

    func fields(_ key: String) throws(ReplyFieldError) -> ReplyFields {
        ReplyFields(try required(key, "a document") { $0.documentValue }, path: path + [key])
    }

    /// The documents of an array.
    func list(_ key: String) throws(ReplyFieldError) -> [ReplyFields] {
        let array = try required(key, "an array") { $0.arrayValue }
        var list: [ReplyFields] = []
        for (index, value) in array.enumerated() {
            let path = path + [key, String(index)]
            guard let document = value.documentValue else {
                throw ReplyFieldError(path: path, expected: "a document", found: value.type.alias)
            }
            list.append(ReplyFields(document, path: path))
        }
        return list
    }

    private func required<Value>(
        _ key: String,
        _ expected: String,
        _ read: (BSONValue) -> Value?
    ) throws(ReplyFieldError) -> Value {
        guard let value = document[key] else {
            throw ReplyFieldError(path: path + [key], expected: expected, found: nil)
        }
        guard let result = read(value) else {
            throw ReplyFieldError(path: path + [key], expected: expected, found: value.type.alias)
        }
        return result
    }
}

extension BSONDocument {
    /// The addresses in an array of texts; what is not text is left out.
    func addresses(_ key: String) -> [MemberAddress] {
        (self[key]?.arrayValue ?? BSONArray()).compactMap { $0.stringValue.map(MemberAddress.init(fromServer:)) }
    }

    /// The address in a text; nil when it is absent or empty, as servers write "none".
    func address(_ key: String) -> MemberAddress? {
        guard let text = self[key]?.stringValue, !text.isEmpty else { return nil }
        return MemberAddress(fromServer: text)
    }

    /// A date; nil when it is absent or the epoch, which servers write for "never".
    func dateSet(_ key: String) -> BSONDateTime? {
        guard let date = self[key]?.dateTimeValue, date.milliseconds != 0 else { return nil }
        return date
    }

    /// An optime; nil when it is absent or the null optime, which servers write for "unknown".
    func opTimeSet(_ key: String) -> OpTime? {
        guard let opTime = OpTime(self[key]), opTime.timestamp.rawValue != 0 else { return nil }
        return opTime
    }
}
