/// A line of what an engine reports while it pulls an image.
struct PullLine: Decodable, Sendable {
    /// The layer, or the image's tag.
    var id: String?
    var status: String?
    var progressDetail: Detail?
    var error: String?

    struct Detail: Decodable, Sendable {
        var current: Int64?
        var total: Int64?
    }
}

/// How far a pull is, put together from its lines.
struct PullProgress: Sendable, Hashable, CustomStringConvertible {
    private struct Layer: Hashable {
        var isDone = false
        /// Bytes that were downloaded, and how many there are, once that is known.
        var current: Int64 = 0
        var total: Int64 = 0
    }

    private var layers: [String: Layer] = [:]

    /// What engines say of layers, as opposed to the image.
    private static let statuses: Set<String> = [
        "Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum", "Download complete", "Extracting",
        "Pull complete", "Already exists",
    ]

    /// Takes the next line.
    mutating func take(_ line: PullLine) {
        guard let id = line.id, let status = line.status, Self.statuses.contains(status) else { return }
        var layer = layers[id, default: Layer()]
        switch status {
        case "Downloading":
            layer.current = max(layer.current, line.progressDetail?.current ?? 0)
            layer.total = max(layer.total, line.progressDetail?.total ?? 0)
        case "Pulling fs layer", "Waiting": break
        default: layer.current = layer.total
        }
        layer.isDone = layer.isDone || status == "Pull complete" || status == "Already exists"
        layers[id] = layer
    }

    private var done: Int { layers.values.count(where: \.isDone) }
    private var current: Int64 { layers.values.reduce(0) { $0 + $1.current } }
    private var total: Int64 { layers.values.reduce(0) { $0 + $1.total } }
    /// How many twentieths of the known bytes are there.
    private var twentieths: Int64 { total > 0 ? current * 20 / total : 0 }

    /// Whether this is worth telling after what was told last: a layer more or done, or 5 % more of the bytes.
    func isNews(after told: Self) -> Bool {
        layers.count != told.layers.count || done != told.done || twentieths != told.twentieths
    }

    /// As in `3 of 9 layers, 120 of 250 MB`.
    var description: String {
        let layers = "\(done) of \(layers.count) layers"
        return total > 0 ? layers + ", \(current / 1_000_000) of \(total / 1_000_000) MB" : layers
    }
}
