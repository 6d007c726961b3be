/// Where backups of the set are kept, and for how long.
public struct BackupSpec: Sendable, Hashable {
    /// The directory, relative to the spec's file.
    public var directory: String
    /// For how many days back every moment stays restorable, where an archive of the oplog is kept; backups that only
    /// older moments need are pruned.
    public var retentionDays: Int
    /// How files are compressed.
    public var compression: Compression
    /// A file with the key that backups are encrypted with; `nil` keeps them readable.
    public var encryptionKeyFile: String?
    /// How often the archive of the oplog is written, in seconds: what is lost with the whole set is at most about that.
    public var oplogIntervalSeconds: Int

    /// How files are compressed.
    public enum Compression: String, Sendable, Hashable, Codable, CaseIterable {
        /// Not at all.
        case none
        /// For tools that read nothing else.
        case gzip
        /// Small and fast.
        case zstd

        /// Decodes a name.
        public init(from decoder: any Decoder) throws { self = try decoder.name(of: "compression") }
    }

    /// Creates settings.
    public init(
        directory: String = "backups",
        retentionDays: Int = 30,
        compression: Compression = .zstd,
        encryptionKeyFile: String? = nil,
        oplogIntervalSeconds: Int = 5
    ) {
        self.directory = directory
        self.retentionDays = retentionDays
        self.compression = compression
        self.encryptionKeyFile = encryptionKeyFile
        self.oplogIntervalSeconds = oplogIntervalSeconds
    }
}

extension BackupSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case directory, retentionDays, compression, encryptionKeyFile, oplogIntervalSeconds
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        directory = try values.decode(.directory, default: plain.directory)
        retentionDays = try values.decode(.retentionDays, default: plain.retentionDays)
        compression = try values.decode(.compression, default: plain.compression)
        encryptionKeyFile = try values.decodeIfPresent(String.self, forKey: .encryptionKeyFile)
        oplogIntervalSeconds = try values.decode(.oplogIntervalSeconds, default: plain.oplogIntervalSeconds)
    }
}
