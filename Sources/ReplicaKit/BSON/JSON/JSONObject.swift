/// A JSON object: members in order, whose keys may repeat.
public struct JSONObject: Sendable {
    /// One key and its value.
    public struct Member: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in order.
    public var members: [Member]
    /// Where the object starts in the text that it was parsed from, in bytes; for errors found after parsing.
    var sourceOffset: Int?

    /// Makes an object of its members.
    public init(members: [Member] = []) {
        self.members = members
    }

    /// Makes an object of keys and values in order.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.members = members.map { Member(key: $0.0, value: $0.1) }
    }

    /// The value of the first member with the key, or nil when there is none.
    ///
    /// Assigning replaces that value where it stands or appends a member; assigning nil removes every member with
    /// the key.
    public subscript(key: String) -> JSONValue? {
        get {
            members.first { $0.key == key }?.value
        }
        set {
            guard let newValue else {
                members.removeAll { $0.key == key }
                return
            }
            if let index = members.firstIndex(where: { $0.key == key }) {
                members[index].value = newValue
            } else {
                members.append(Member(key: key, value: newValue))
            }
        }
    }
}

extension JSONObject: Hashable {
    /// Compares members and their order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members == right.members
    }

    /// Feeds the members to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Makes an object with the members in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
