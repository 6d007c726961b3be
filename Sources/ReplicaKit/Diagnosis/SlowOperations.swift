/// Slow operations of a server's log (line 51803, "Slow query"), put together by their shape.
///
/// The log holds what clients sent, data included: of that nothing is kept but the names of commands and namespaces.
package struct SlowOperations: Sendable {
    /// Operations of one shape.
    package struct Shape: Sendable, Hashable {
        /// The namespace, the command and how the server worked it out.
        package var namespace: String
        package var kind: String
        package var plan: String
        /// The server's hash of the shape; empty where there is none.
        package var hash: String
        package var count = 0
        package var longestMilliseconds: Int64 = 0
        package var totalMilliseconds: Int64 = 0
        package var documentsExamined: Int64 = 0
        package var returned: Int64 = 0

        /// Whether it read a whole collection.
        package var scansCollection: Bool { plan.hasPrefix("COLLSCAN") }
    }

    /// The shapes, those that took most time first.
    package private(set) var shapes: [Shape] = []

    /// Puts lines together.
    package init(_ lines: [MongodLogLine]) {
        var found: [[String]: Shape] = [:]
        for line in lines where line.id == 51803 {
            guard let attributes = line.attributes, let milliseconds = attributes["durationMillis"]?.integer else {
                continue
            }
            let namespace = attributes["ns"]?.string ?? ""
            // The members' own reading of each other's oplogs waits for news: that is no slowness.
            guard !namespace.hasPrefix("local.") else { continue }
            let plan = attributes["planSummary"]?.string ?? ""
            let hash = attributes["queryHash"]?.string ?? attributes["planCacheShapeHash"]?.string ?? ""
            let kind = Self.kind(attributes)
            let key = [namespace, kind, plan, hash]
            var shape = found[key] ?? Shape(namespace: namespace, kind: kind, plan: plan, hash: hash)
            shape.count += 1
            shape.longestMilliseconds = max(shape.longestMilliseconds, milliseconds)
            shape.totalMilliseconds += milliseconds
            shape.documentsExamined += attributes["docsExamined"]?.integer ?? 0
            shape.returned += attributes["nreturned"]?.integer ?? 0
            found[key] = shape
        }
        shapes = found.values.sorted {
            ($1.totalMilliseconds, $0.namespace, $0.kind) < ($0.totalMilliseconds, $1.namespace, $1.kind)
        }
    }

    private static let commands: Set<String> = [
        "find", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify", "getMore",
        "createIndexes", "commitTransaction", "mapReduce",
    ]

    private static func kind(_ attributes: JSONText) -> String {
        if case .object(let members)? = attributes["command"],
            let name = members.keys.filter(commands.contains).min()
        {
            return name
        }
        return attributes["type"]?.string ?? "operation"
    }
}

extension SlowOperations.Shape: CustomStringConvertible {
    /// One line: what, how often, how long, and what it read for what it returned.
    package var description: String {
        var text =
            "\(kind) on \(namespace): \(count) times, mean \(totalMilliseconds / Int64(max(1, count))) ms, "
            + "longest \(longestMilliseconds) ms"
        if documentsExamined > 0 { text += "; \(documentsExamined) documents looked at for \(returned) returned" }
        if !plan.isEmpty { text += "; \(plan)" }
        if !hash.isEmpty { text += " [\(hash)]" }
        return text
    }
}
