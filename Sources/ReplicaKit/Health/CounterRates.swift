/// What a member did between two looks, from counters that only grow while its process lives.
struct CounterRates {
    /// Why a rate cannot be told.
    struct Reason: Error {
        var text: String
    }

    private let now: MemberView
    private let before: MemberView?

    init(_ now: MemberView, since before: MemberView?) {
        self.now = now
        self.before = before
    }

    /// Fewer operations than these say nothing about how long operations take.
    private static let fewestOperations = 50.0
    /// Fewer page requests than these say nothing about the cache.
    private static let fewestPages = 1000.0
    /// Fewer documents than these are not worth an index.
    private static let fewestScanned = 10_000.0
    /// Fewer disk operations than these say nothing about the disk.
    private static let fewestDiskOperations = 20.0

    /// The figures that need two looks, each with its value or with why there is none.
    func rates() -> [Gauge: Result<Double, Reason>] {
        let gauges: [(Gauge, (Pair) -> Result<Double, Reason>)] = [
            (.readLatencySeconds, { latency("reads", $0) }), (.writeLatencySeconds, { latency("writes", $0) }),
            (.commandLatencySeconds, { latency("commands", $0) }), (.cacheHitRatio, cacheHits),
            (.scannedPerReturned, scanned), (.syncLatencySeconds, syncs), (.cpuRatio, processors),
            (.diskLatencySeconds, disks),
        ]
        let pair = pair()
        return Dictionary(uniqueKeysWithValues: gauges.map { gauge, compute in (gauge, pair.flatMap(compute)) })
    }

    private struct Pair {
        let now: BSONDocument
        let before: BSONDocument

        /// How much a counter grew; `nil` when either look lacks it, or it was reset.
        func growth(_ path: String...) -> Double? {
            guard let now = now.value(atPath: path)?.doubleValue, let before = before.value(atPath: path)?.doubleValue,
                now >= before
            else { return nil }
            return now - before
        }
    }

    private func pair() -> Result<Pair, Reason> {
        guard let status = try? now.serverStatus.get() else {
            return .failure(Reason(text: "serverStatus was refused"))
        }
        guard let before else { return .failure(Reason(text: "a rate needs a second look")) }
        guard let earlier = try? before.serverStatus.get() else {
            return .failure(Reason(text: "it did not answer at the look before"))
        }
        guard status.isSameProcess(as: earlier) else {
            return .failure(Reason(text: "it was restarted since the look before"))
        }
        return .success(Pair(now: status.document, before: earlier.document))
    }

    private func latency(_ kind: String, _ pair: Pair) -> Result<Double, Reason> {
        let path = ["opLatencies", kind, "histogram"]
        guard let now = pair.now.value(atPath: path)?.arrayValue,
            let before = pair.before.value(atPath: path)?.arrayValue
        else { return .failure(Reason(text: "the server gave no histogram")) }
        let histogram = LatencyHistogram(now).grown(since: LatencyHistogram(before))
        guard histogram.count >= Self.fewestOperations else {
            return .failure(Reason(text: "too few \(kind) between the two looks: \(Int(histogram.count))"))
        }
        return .success(histogram.percentile(0.95) / 1_000_000)
    }

    private func cacheHits(_ pair: Pair) -> Result<Double, Reason> {
        guard let read = pair.growth("wiredTiger", "cache", "pages read into cache"),
            let requested = pair.growth("wiredTiger", "cache", "pages requested from the cache")
        else { return .failure(Reason(text: "the server gave no figures of its cache")) }
        guard requested >= Self.fewestPages else {
            return .failure(Reason(text: "too few pages requested between the two looks: \(Int(requested))"))
        }
        return .success(max(0, 1 - read / requested))
    }

    private func scanned(_ pair: Pair) -> Result<Double, Reason> {
        guard let documents = pair.growth("metrics", "queryExecutor", "scannedObjects"),
            let returned = pair.growth("metrics", "document", "returned")
        else { return .failure(Reason(text: "the server gave no figures of its queries")) }
        guard documents >= Self.fewestScanned else {
            return .failure(Reason(text: "too few documents looked at between the two looks: \(Int(documents))"))
        }
        return .success(documents / max(1, returned))
    }

    private func syncs(_ pair: Pair) -> Result<Double, Reason> {
        guard let count = pair.growth("wiredTiger", "log", "log sync operations"),
            let time = pair.growth("wiredTiger", "log", "log sync time duration (usecs)")
        else { return .failure(Reason(text: "the server gave no figures of its journal")) }
        guard count >= Self.fewestDiskOperations else {
            return .failure(Reason(text: "too few writes of the journal between the two looks: \(Int(count))"))
        }
        return .success(time / count / 1_000_000)
    }

    // MARK: the machine

    private var machines: (now: GetDiagnosticData.Reply, before: GetDiagnosticData.Reply)? {
        guard let now = try? now.figures?.diagnosticData.get(), let before = try? before?.figures?.diagnosticData.get()
        else { return nil }
        return (now, before)
    }

    private func processors(_ pair: Pair) -> Result<Double, Reason> {
        guard let machines else { return .failure(Reason(text: "the server gave no figures of its machine")) }
        let idle: Set<String> = ["idle_ms", "iowait_ms"]
        let before = machines.before.processorMilliseconds
        var (total, busy) = (0.0, 0.0)
        for (kind, time) in machines.now.processorMilliseconds where !kind.hasPrefix("guest") {
            let grown = max(0, time - (before[kind] ?? time))
            total += grown
            if !idle.contains(kind) { busy += grown }
        }
        guard total > 0 else { return .failure(Reason(text: "the server took no new figures of its machine yet")) }
        return .success(busy / total)
    }

    /// The slowest disk of the machine that did anything: which of them holds the data is not told.
    private func disks(_ pair: Pair) -> Result<Double, Reason> {
        guard let machines else { return .failure(Reason(text: "the server gave no figures of its machine")) }
        let before = machines.before.disks
        let means = machines.now.disks.compactMap { name, disk -> Double? in
            guard let earlier = before[name] else { return nil }
            let (count, time) = (disk.operations - earlier.operations, disk.milliseconds - earlier.milliseconds)
            return count >= Self.fewestDiskOperations && time >= 0 ? time / count / 1000 : nil
        }
        guard let slowest = means.max() else {
            return .failure(Reason(text: "too few reads and writes of disks between the two looks"))
        }
        return .success(slowest)
    }
}

/// How long operations took, in buckets: `opLatencies.*.histogram` of `serverStatus`.
struct LatencyHistogram {
    /// How many operations took from that many microseconds up to the next bucket; empty buckets are left out.
    private(set) var counts: [Int64: Double] = [:]

    init(_ array: BSONArray) {
        for value in array {
            guard let bucket = value.documentValue, let micros = bucket["micros"]?.int64Value,
                let count = bucket["count"]?.doubleValue
            else { continue }
            counts[micros] = count
        }
    }

    /// How many operations there are.
    var count: Double { counts.values.reduce(0, +) }

    /// What came since an earlier look.
    func grown(since earlier: LatencyHistogram) -> LatencyHistogram {
        var grown = self
        for (micros, count) in earlier.counts { grown.counts[micros, default: 0] -= count }
        grown.counts = grown.counts.filter { $0.value > 0 }
        return grown
    }

    /// The microseconds within which that share of the operations was done; inside a bucket they are taken to lie evenly.
    func percentile(_ share: Double) -> Double {
        var left = count * share
        for (micros, count) in counts.sorted(by: { $0.key < $1.key }) {
            if count >= left {
                return Double(micros) + left / count * Double(Self.end(of: micros) - micros)
            }
            left -= count
        }
        return 0
    }

    /// Where a bucket ends. They begin at 0, 2, 4 … 1024, and from 2048 on at each power of two and half-way to the next.
    static func end(of micros: Int64) -> Int64 {
        if micros < 2 { return 2 }
        guard micros >= 2048 else { return micros * 2 }
        return micros & (micros - 1) == 0 ? micros / 2 * 3 : micros / 3 * 4
    }
}
