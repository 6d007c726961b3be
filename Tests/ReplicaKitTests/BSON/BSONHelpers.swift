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
func walkLazily(_ document: BSONDocument, _ visit: (BSONElement) -> Void = { _ in }) throws(BSONError) {
    var open = [document.reader()]
    while let last = open.indices.last {
        guard let element = try open[last].next() else {
            open.removeLast()
            continue
        }
        visit(element)
        switch try element.value() {
        case .document(let document): open.append(document.reader())
        case .array(let array): open.append(array.document.reader())
        case .javaScriptWithScope(let code): open.append(code.scope.reader())
        default: break
        }
    }
}

/// Whether any key at any level starts with a dollar.
func hasDollarKey(_ document: BSONDocument) throws(BSONError) -> Bool {
    var result = false
    try walkLazily(document) { result = result || $0.key.hasPrefix("$") }
    return result
}
