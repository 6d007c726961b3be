/// The default write concern of a set (`setDefaultRWConcern`), made explicit so that it does not change when the
/// members do.
public struct WriteConcernSpec: Sendable, Hashable {
    /// `majority`, a number of members, or the name of a custom mode.
    public var w: WriteConcernW
    /// Wait for the journal.
    public var j: Bool?
    /// How long a write waits to be acknowledged, in milliseconds; 0 waits for ever.
    public var wtimeoutMS: Int

    /// Creates a write concern.
    public init(w: WriteConcernW = .tag("majority"), j: Bool? = true, wtimeoutMS: Int = 10000) {
        self.w = w
        self.j = j
        self.wtimeoutMS = wtimeoutMS
    }
}

/// The `w` of a write concern.
public enum WriteConcernW: Sendable, Hashable, Codable {
    /// That many members.
    case members(Int)
    /// `majority`, or a mode that the config's `getLastErrorModes` defines.
    case tag(String)

    /// Decodes a number or a text.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
            self = .members(number)
        } else {
            self = .tag(try value.decode(String.self))
        }
    }

    /// Encodes a number or a text.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .members(let number): try value.encode(number)
        case .tag(let text): try value.encode(text)
        }
    }
}

/// Read preferences by purpose. Servers do not store them: clients choose, from the connection strings that
/// `spec show` prints.
public struct ReadPreferenceSpec: Sendable, Hashable {
    /// For the application.
    public var application: ReadPreference
    /// For transactions, which servers allow on the primary only.
    public var transactions: ReadPreference
    /// For reports.
    public var analytics: ReadPreference

    /// Creates preferences.
    public init(
        application: ReadPreference = .primary,
        transactions: ReadPreference = .primary,
        analytics: ReadPreference = .secondary
    ) {
        self.application = application
        self.transactions = transactions
        self.analytics = analytics
    }
}

/// A read preference mode, by its standard name.
public enum ReadPreference: String, Sendable, Hashable, Codable, CaseIterable {
    /// Only the primary.
    case primary
    /// The primary, or a secondary when there is none.
    case primaryPreferred
    /// Only secondaries.
    case secondary
    /// A secondary, or the primary when there is none.
    case secondaryPreferred
    /// Whichever answers fastest.
    case nearest
}

extension ReadPreference {
    /// Decodes a mode's name.
    public init(from decoder: any Decoder) throws { self = try decoder.name(of: "read preference") }
}

/// Settings of the replica set config; `nil` keeps the server's default.
public struct SettingsSpec: Sendable, Hashable {
    /// Whether secondaries may replicate from secondaries.
    public var chainingAllowed: Bool?
    /// How often members ask after each other, in milliseconds.
    public var heartbeatIntervalMillis: Int?
    /// How long a member waits for a heartbeat's answer, in seconds.
    public var heartbeatTimeoutSecs: Int?
    /// How long a set is without a primary before a member runs for election, in milliseconds.
    public var electionTimeoutMillis: Int?
    /// How long a new primary may catch up before it accepts writes, in milliseconds; -1 is without limit.
    public var catchUpTimeoutMillis: Int?

    /// Creates settings.
    public init(
        chainingAllowed: Bool? = nil,
        heartbeatIntervalMillis: Int? = nil,
        heartbeatTimeoutSecs: Int? = nil,
        electionTimeoutMillis: Int? = nil,
        catchUpTimeoutMillis: Int? = nil
    ) {
        self.chainingAllowed = chainingAllowed
        self.heartbeatIntervalMillis = heartbeatIntervalMillis
        self.heartbeatTimeoutSecs = heartbeatTimeoutSecs
        self.electionTimeoutMillis = electionTimeoutMillis
        self.catchUpTimeoutMillis = catchUpTimeoutMillis
    }
}

extension WriteConcernSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case w, j, wtimeoutMS
    }

    /// Decodes a write concern, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        w = try values.decode(.w, default: plain.w)
        j = try values.decode(.j, default: plain.j)
        wtimeoutMS = try values.decode(.wtimeoutMS, default: plain.wtimeoutMS)
    }
}

extension ReadPreferenceSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case application, transactions, analytics
    }

    /// Decodes preferences, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        application = try values.decode(.application, default: plain.application)
        transactions = try values.decode(.transactions, default: plain.transactions)
        analytics = try values.decode(.analytics, default: plain.analytics)
    }
}

extension SettingsSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case chainingAllowed, heartbeatIntervalMillis, heartbeatTimeoutSecs, electionTimeoutMillis, catchUpTimeoutMillis
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        chainingAllowed = try values.decodeIfPresent(Bool.self, forKey: .chainingAllowed)
        heartbeatIntervalMillis = try values.decodeIfPresent(Int.self, forKey: .heartbeatIntervalMillis)
        heartbeatTimeoutSecs = try values.decodeIfPresent(Int.self, forKey: .heartbeatTimeoutSecs)
        electionTimeoutMillis = try values.decodeIfPresent(Int.self, forKey: .electionTimeoutMillis)
        catchUpTimeoutMillis = try values.decodeIfPresent(Int.self, forKey: .catchUpTimeoutMillis)
    }
}
