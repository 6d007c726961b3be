@testable import ReplicaKit

/// Decodes every value of a document, and writes a document of them.
func reencoded(_ document: BSONDocument) -> BSONDocument {
    var writer = BSONWriter()
    for (key, value) in document {
        writer.append(value, forKey: key)
    }
    return writer.finish()
}

/// Decodes everything in a document, at every level, one value at a time.
/// - Returns: the number of values.
@discardableResult
func walkLazily(_ document: BSONDocument) throws(BSONError) -> Int {
    var open = [document.reader()]
    var count = 0
    while let last = open.indices.last {
        guard let element = try open[last].next() else {
            open.removeLast()
            continue
        }
        count += 1
        switch try element.value() {
        case .document(let document): open.append(document.reader())
        case .array(let array): open.append(array.document.reader())
        case .javaScriptWithScope(let code): open.append(code.scope.reader())
        default: break
        }
    }
    return count
}
