/// The version of a MongoDB server, as `buildInfo` and `mongod --version` write it.
public struct ServerVersion: Sendable, Hashable {
    /// The first number: 6 of 6.0.5.
    public let major: Int
    /// The second number: 0 of 6.0.5.
    public let minor: Int
    /// The third number: 5 of 6.0.5.
    public let patch: Int
    /// What follows the numbers after a hyphen, such as `rc1`; `nil` for a release.
    public let prerelease: String?

    /// Creates a version of its parts.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0, prerelease: String? = nil) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads `6.0.5`, `7.0.0-rc1` or `6.0`.
    ///
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidArgument`` for anything else.
    public init(_ text: String) throws(ReplicaKitError) {
        let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = (halves.first ?? "").split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard (2...3).contains(numbers.count), let major = numbers[0], let minor = numbers[1],
            let patch = numbers.count == 3 ? numbers[2] : 0, halves.count == 1 || halves[1].isEmpty == false
        else {
            throw ReplicaKitError(.invalidArgument, "\"\(text)\" is not the version of a server, such as 6.0.5")
        }
        self.init(major, minor, patch, prerelease: halves.count == 2 ? String(halves[1]) : nil)
    }

    /// Whether the server belongs to that release series or a later one; a release candidate belongs to its series.
    public func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        (self.major, self.minor) >= (major, minor)
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}

extension ServerVersion: Comparable, CustomStringConvertible, Codable {
    /// By number; what comes before a release comes before it here too.
    public static func < (left: Self, right: Self) -> Bool {
        let (l, r) = ((left.major, left.minor, left.patch), (right.major, right.minor, right.patch))
        if l != r { return l < r }
        switch (left.prerelease, right.prerelease) {
        case (nil, _): return false
        case (_, nil): return true
        case (let left?, let right?): return (left.utf8.count, left) < (right.utf8.count, right)
        }
    }

    /// The text form, with all three numbers.
    public var description: String {
        "\(major).\(minor).\(patch)" + (prerelease.map { "-\($0)" } ?? "")
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
