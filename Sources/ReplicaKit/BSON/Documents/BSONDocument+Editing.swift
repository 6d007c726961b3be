extension BSONDocument {
    /// Replaces the value of the first element with the key where it stands, or appends a new element.
    public mutating func set(_ value: BSONValue, for key: String) {
        guard let slot = (try? slot(forKey: key)) ?? nil else {
            append(key, value)
            return
        }
        var writer = BSONWriter(capacity: bytes.count)
        writer.appendRaw(bytes.dropFirst(4).prefix(slot.element - 4))
        writer.append(value, forKey: key)
        writer.appendRaw(bytes.dropFirst(slot.end).dropLast())
        self = writer.finish()
    }

    /// Returns a copy in which the key has the value, as after ``set(_:for:)``.
    public func setting(_ value: BSONValue, for key: String) -> BSONDocument {
        var copy = self
        copy.set(value, for: key)
        return copy
    }

    /// Appends an element, also where the key exists already.
    ///
    /// This copies the document; ``BSONWriter`` appends many elements without.
    public mutating func append(_ key: String, _ value: BSONValue) {
        var writer = BSONWriter(continuing: self)
        self = BSONDocument()
        writer.append(value, forKey: key)
        self = writer.finish()
    }

    /// Removes every element with the key.
    /// - Returns: the first value that was removed, or nil when there was none.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> BSONValue? {
        var removed: BSONValue?
        while let slot = (try? slot(forKey: key)) ?? nil {
            if removed == nil {
                removed = try? element(at: slot).value()
            }
            var writer = BSONWriter(capacity: bytes.count)
            writer.appendRaw(bytes.dropFirst(4).prefix(slot.element - 4))
            writer.appendRaw(bytes.dropFirst(slot.end).dropLast())
            self = writer.finish()
        }
        return removed
    }

    /// Returns a copy without any element with the key.
    public func removing(_ key: String) -> BSONDocument {
        var copy = self
        copy.removeValue(forKey: key)
        return copy
    }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
    /// Makes a document of keys and values in the order written; repeated keys are kept.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self.init(elements)
    }

    /// Makes a document of keys and values in order; repeated keys are kept.
    public init(_ elements: some Sequence<(String, BSONValue)>) {
        var writer = BSONWriter()
        for (key, value) in elements {
            writer.append(value, forKey: key)
        }
        self = writer.finish()
    }
}
