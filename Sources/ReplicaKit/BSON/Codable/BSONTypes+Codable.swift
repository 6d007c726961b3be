// How BSON's own types look to encoders other than BSON's, such as one for JSON: as text that keeps everything. The
// BSON coders hand the value over as it is, also when a type forwards its own coding to one of these.

extension Encoder {
    fileprivate func encode(_ value: some Encodable & BSONNative, asText text: () throws -> String) throws {
        var container = singleValueContainer()
        if container is BSONSingleValueEncodingContainer {
            try container.encode(value)
        } else {
            try container.encode(try text())
        }
    }
}

extension Decoder {
    fileprivate func decode<T: Decodable & BSONNative>(_ type: T.Type, fromText parse: (String) throws -> T?) throws
        -> T
    {
        let container = try singleValueContainer()
        if container is BSONSingleValueDecodingContainer {
            return try container.decode(type)
        }
        let text = try container.decode(String.self)
        var underlying: (any Error)?
        do {
            if let value = try parse(text) {
                return value
            }
        } catch {
            underlying = error
        }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "The text is no \(type): \(underlying.map { "\($0)" } ?? text)",
                underlyingError: underlying
            )
        )
    }
}

extension BSONValue: Codable {
    /// Decodes the value from ``BSONDecoder``, or from a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { try BSONValue(extendedJSON: $0) }
    }

    /// Encodes the value for ``BSONEncoder``, or as a string of canonical Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { try extendedJSON(.canonical) }
    }
}

extension BSONDocument: Codable {
    /// Decodes the document from ``BSONDecoder``, or from a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { try BSONDocument(extendedJSON: $0) }
    }

    /// Encodes the document for ``BSONEncoder``, or as a string of canonical Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { try extendedJSON(.canonical) }
    }
}

extension BSONArray: Codable {
    /// Decodes the array from ``BSONDecoder``, or from a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { try BSONValue(extendedJSON: $0).arrayValue }
    }

    /// Encodes the array for ``BSONEncoder``, or as a string of canonical Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { try BSONValue.array(self).extendedJSON(.canonical) }
    }
}

extension ObjectID: Codable {
    /// Decodes the identifier from ``BSONDecoder``, or from a string of 24 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { ObjectID($0) }
    }

    /// Encodes the identifier for ``BSONEncoder``, or as a string of 24 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { hexString }
    }
}

extension BSONDateTime: Codable {
    /// Decodes the time from ``BSONDecoder``, or from a string as RFC 3339 has it.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { BSONDateTime(rfc3339: $0) }
    }

    /// Encodes the time for ``BSONEncoder``, or as a string as RFC 3339 has it.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { rfc3339 }
    }
}

extension Decimal128: Codable {
    /// Decodes the number from ``BSONDecoder``, or from a string.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { Decimal128($0) }
    }

    /// Encodes the number for ``BSONEncoder``, or as a string.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { description }
    }
}

extension BSONBinary: Codable {
    /// Decodes the bytes from ``BSONDecoder``, or from a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { try BSONValue(extendedJSON: $0).binaryValue }
    }

    /// Encodes the bytes for ``BSONEncoder``, or as a string of canonical Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { try BSONValue.binary(self).extendedJSON(.canonical) }
    }
}

extension BSONRegularExpression: Codable {
    /// Decodes the expression from ``BSONDecoder``, or from a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decode(Self.self) { BSONRegularExpression(bson: try BSONValue(extendedJSON: $0)) }
    }

    /// Encodes the expression for ``BSONEncoder``, or as a string of canonical Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(self) { try BSONValue.regularExpression(self).extendedJSON(.canonical) }
    }
}
