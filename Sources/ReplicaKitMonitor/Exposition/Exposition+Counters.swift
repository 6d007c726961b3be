import ReplicaKit

extension Exposition {
    /// The counters of a member's process, and how long its operations took.
    mutating func addCounters(_ status: ServerStatusReply, _ labels: [Label]) {
        let document = status.document
        for (operation, count) in status.operationCounters.sorted(by: { $0.key < $1.key }) {
            add(.operations, labels + [Label("operation", operation)], Double(count))
        }
        for kind in ["deleted", "inserted", "returned", "updated"] {
            let count = document[path: "metrics", "document", kind]?.doubleValue
            add(.documents, labels + [Label("operation", kind)], count)
        }
        for kind in ["regular", "warning", "msg", "user", "tripwire"] {
            add(.asserts, labels + [Label("kind", kind)], document[path: "asserts", kind]?.doubleValue)
        }
        add(.bytesReceived, labels, document[path: "network", "bytesIn"]?.doubleValue)
        add(.bytesSent, labels, document[path: "network", "bytesOut"]?.doubleValue)
        add(.requests, labels, document[path: "network", "numRequests"]?.doubleValue)
        add(.connections, labels, document[path: "connections", "totalCreated"]?.doubleValue)
        for (kind, operation) in [("reads", "read"), ("writes", "write"), ("commands", "command")] {
            guard let latency = document[path: "opLatencies", kind]?.documentValue else { continue }
            addLatency(latency, labels + [Label("operation", operation)])
        }
    }

    /// The bounds of latency, in microseconds: powers of two from 128 µs to 17 s. Each is also a bound of the server's
    /// own buckets, so nothing is guessed.
    private static let bounds = (7...24).map { Int64(1) << $0 }

    private mutating func addLatency(_ latency: BSONDocument, _ labels: [Label]) {
        guard let histogram = latency["histogram"]?.arrayValue, let total = latency["latency"]?.doubleValue else {
            return
        }
        // Each bucket says from how many microseconds on it counts.
        let buckets = histogram.compactMap { value -> (from: Int64, count: Double)? in
            guard let bucket = value.documentValue, let from = bucket["micros"]?.int64Value,
                let count = bucket["count"]?.doubleValue
            else { return nil }
            return (from, count)
        }
        for bound in Self.bounds {
            let count = buckets.filter { $0.from < bound }.reduce(0) { $0 + $1.count }
            let limit = Label("le", Self.number(Double(bound) / 1_000_000))
            add(.latency, labels + [limit], count, suffix: "_bucket")
        }
        let count = buckets.reduce(0) { $0 + $1.count }
        add(.latency, labels + [Label("le", "+Inf")], count, suffix: "_bucket")
        add(.latency, labels, total / 1_000_000, suffix: "_sum")
        add(.latency, labels, count, suffix: "_count")
    }
}

extension Metric {
    fileprivate static let operations = Metric(
        "replicakit_operations",
        .counter,
        "Operations since the member's start, by kind."
    )
    fileprivate static let documents = Metric(
        "replicakit_documents",
        .counter,
        "Documents that operations worked on since the member's start."
    )
    fileprivate static let asserts = Metric(
        "replicakit_asserts",
        .counter,
        "Assertions raised since the member's start."
    )
    fileprivate static let bytesReceived = Metric(
        "replicakit_network_received_bytes",
        .counter,
        "Bytes that clients sent to the member."
    )
    fileprivate static let bytesSent = Metric(
        "replicakit_network_sent_bytes",
        .counter,
        "Bytes that the member sent to clients."
    )
    fileprivate static let requests = Metric("replicakit_network_requests", .counter, "Requests that the member took.")
    fileprivate static let connections = Metric(
        "replicakit_connections_created",
        .counter,
        "Connections that were opened since the member's start."
    )
    fileprivate static let latency = Metric(
        "replicakit_operation_latency_seconds",
        .histogram,
        "How long operations took on the member, network left out."
    )
}
