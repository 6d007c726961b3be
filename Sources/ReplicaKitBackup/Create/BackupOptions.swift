public import ReplicaKit

/// How a backup is made.
public struct BackupOptions: Sendable, Hashable {
    /// How files are compressed.
    public var compression: BackupCompression
    /// How hard: the format's own levels; `nil` is the one that costs little.
    public var level: Int?
    /// How many collections are read at the same time.
    public var parallelism: Int
    /// Read from this member and no other.
    public var from: MemberName?
    /// How it is to be consistent; `nil` chooses: a snapshot where the server and the collections allow it.
    public var mode: BackupManifest.Mode?
    /// The most bytes that are read in a second, before compression; `nil` is without limit.
    public var bytesPerSecond: Int?
    /// Reading pauses while the member that is read is further behind than this.
    public var maximumLag: Duration
    /// Goes on with this backup that was interrupted.
    public var resuming: BackupID?
    /// What the backup is tagged with from the moment that it is there. One with a tag is never pruned.
    public var tags: [String]

    /// Creates options.
    public init(
        compression: BackupCompression = .zstd,
        level: Int? = nil,
        parallelism: Int = 3,
        from: MemberName? = nil,
        mode: BackupManifest.Mode? = nil,
        bytesPerSecond: Int? = nil,
        maximumLag: Duration = .seconds(30),
        resuming: BackupID? = nil,
        tags: [String] = []
    ) {
        self.compression = compression
        self.level = level
        self.parallelism = parallelism
        self.from = from
        self.mode = mode
        self.bytesPerSecond = bytesPerSecond
        self.maximumLag = maximumLag
        self.resuming = resuming
        self.tags = tags
    }
}

/// What happens while a backup is made, restored or verified.
public enum BackupEvent: Sendable {
    /// Something that an operator should know; nothing is wrong.
    case note(String)
    /// Another part of the work begins.
    case phase(String)
    /// How far the part is: bytes of documents, of about so many.
    case progress(done: Int, total: Int)
    /// A collection is done.
    case collection(Namespace, documents: Int, bytes: Int)
}
