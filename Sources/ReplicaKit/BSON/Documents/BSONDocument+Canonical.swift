extension BSONDocument {
    /// Returns the document written anew as BSON wants it: the keys of arrays are `"0"`, `"1"`, …, and the options of
    /// regular expressions are in alphabetical order.
    ///
    /// Readers accept documents that differ in these, and so do two documents that mean the same compare as equal.
    /// - Throws: ``BSONError`` when the document turns out to be malformed, which a validated one is not.
    public func canonicalized() throws(BSONError) -> BSONDocument {
        var writer = BSONWriter(capacity: bytes.count)
        var open = [Level(reader: reader())]
        while let last = open.indices.last {
            guard let element = try open[last].reader.next() else {
                if open.count > 1 {
                    writer.endLevel()
                }
                if let start = open[last].codeStart {
                    writer.patchLength(at: start, length: writer.byteCount - start)
                }
                open.removeLast()
                continue
            }
            let key = open[last].isArray ? writer.nextKey() : element.key
            switch element.type {
            case .document, .array:
                writer.beginLevel(element.type, forKey: key)
                let reader = BSONReader(element.valueBytes)
                open.append(Level(reader: reader, isArray: element.type == .array))
            case .javaScriptWithScope:
                guard case .javaScriptWithScope(let code) = try element.value() else { continue }
                writer.appendHeader(.javaScriptWithScope, key)
                let start = writer.byteCount
                writer.appendInteger(Int32(0))
                writer.appendText(code.code)
                writer.beginLevel()
                open.append(Level(reader: code.scope.reader(), codeStart: start))
            case .regularExpression:
                writer.append(try element.value(), forKey: key)
            default:
                writer.append(element, forKey: key)
            }
        }
        return writer.finish()
    }
}

/// A document being written anew.
private struct Level {
    var reader: BSONReader
    var isArray = false
    /// Where the length of code with scope must be filled in at the end of its scope.
    var codeStart: Int?
}
