/// How the files of a backup are compressed.
///
/// A file is a row of independent frames (zstd frames, or gzip members), each of at most
/// ``frameBytes`` before compression, so that several can be made at once. Every tool for the format reads such a row.
public enum BackupCompression: String, Sendable, Hashable, Codable, CaseIterable {
    /// Not at all: what `mongorestore` reads as it is.
    case none
    /// What `mongorestore --gzip` reads.
    case gzip
    /// Smaller and many times faster than gzip; decompress before `mongorestore`.
    case zstd

    /// What is added to a file's name.
    public var suffix: String {
        switch self {
        case .none: ""
        case .gzip: ".gz"
        case .zstd: ".zst"
        }
    }

    /// The levels that there are, from the fastest to the smallest; a single 0 where nothing is compressed.
    public var levels: ClosedRange<Int> {
        switch self {
        case .none: 0...0
        case .gzip: 1...12
        case .zstd: 1...19
        }
    }

    /// The level that costs least for what it saves: measured on BSON, higher ones take twice the time for a few percent.
    public var defaultLevel: Int {
        switch self {
        case .none: 0
        case .gzip: 1
        case .zstd: 2
        }
    }

    /// How many bytes are compressed at a time.
    public static let frameBytes = 1 << 20
}
