/// A server's version, as far as it matters here.
struct MongodVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let patch: Int

    var description: String { "\(major).\(minor).\(patch)" }

    /// Reads the first `db version vX.Y.Z…` of what `mongod --version` prints.
    init?(banner: String) {
        let marker = "db version v"
        guard let start = banner.firstRange(of: marker)?.upperBound else { return nil }
        let text = banner[start...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let numbers = text.split(separator: ".").compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        (major, minor, patch) = (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    init(major: Int, minor: Int, patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// The versions that this library is written for, for people.
    static let supportedRange = "4.4 to 8.x"

    /// Whether this library is written for this version.
    var isSupported: Bool { self >= Self(major: 4, minor: 4, patch: 0) && major <= 8 }
}
