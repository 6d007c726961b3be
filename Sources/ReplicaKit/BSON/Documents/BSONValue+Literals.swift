extension BSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Makes a string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension BSONValue: ExpressibleByIntegerLiteral {
    /// Makes an int32 where the literal fits, otherwise an int64.
    public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}

extension BSONValue: ExpressibleByFloatLiteral {
    /// Makes a double.
    public init(floatLiteral value: Double) {
        self = .double(value)
    }
}

extension BSONValue: ExpressibleByBooleanLiteral {
    /// Makes a boolean.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension BSONValue: ExpressibleByNilLiteral {
    /// Makes null.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension BSONValue: ExpressibleByArrayLiteral {
    /// Makes an array.
    public init(arrayLiteral elements: BSONValue...) {
        self = .array(BSONArray(elements))
    }
}

extension BSONValue: ExpressibleByDictionaryLiteral {
    /// Makes an embedded document of keys and values in the order written.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self = .document(BSONDocument(elements))
    }
}
