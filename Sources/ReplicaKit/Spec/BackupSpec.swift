/// Where backups of the set are kept, and for how long.
public struct BackupSpec: Sendable, Hashable {
    /// The directory, relative to the spec's file. Where ``s3`` is there it means nothing.
    public var directory: String
    /// The bucket that they are kept in instead; `nil` keeps them in ``directory``.
    public var s3: S3?
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
        s3: S3? = nil,
        retentionDays: Int = 30,
        compression: Compression = .zstd,
        encryptionKeyFile: String? = nil,
        oplogIntervalSeconds: Int = 5
    ) {
        self.directory = directory
        self.s3 = s3
        self.retentionDays = retentionDays
        self.compression = compression
        self.encryptionKeyFile = encryptionKeyFile
        self.oplogIntervalSeconds = oplogIntervalSeconds
    }
}

extension BackupSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case directory, s3, retentionDays, compression, encryptionKeyFile, oplogIntervalSeconds
    }

    /// Decodes settings, strictly: a directory or a bucket, not both.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        let named = try values.decodeIfPresent(String.self, forKey: .directory)
        directory = named ?? plain.directory
        s3 = try values.decodeIfPresent(S3.self, forKey: .s3)
        guard named == nil || s3 == nil else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath + [CodingKeys.s3],
                    debugDescription: "backups are kept in one place: give directory or s3, not both"
                )
            )
        }
        retentionDays = try values.decode(.retentionDays, default: plain.retentionDays)
        compression = try values.decode(.compression, default: plain.compression)
        encryptionKeyFile = try values.decodeIfPresent(String.self, forKey: .encryptionKeyFile)
        oplogIntervalSeconds = try values.decode(.oplogIntervalSeconds, default: plain.oplogIntervalSeconds)
    }

    /// Encodes every value, and of the two places the one that counts.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if let s3 {
            try values.encode(s3, forKey: .s3)
        } else {
            try values.encode(directory, forKey: .directory)
        }
        try values.encode(retentionDays, forKey: .retentionDays)
        try values.encode(compression, forKey: .compression)
        try values.encodeIfPresent(encryptionKeyFile, forKey: .encryptionKeyFile)
        try values.encode(oplogIntervalSeconds, forKey: .oplogIntervalSeconds)
    }
}
