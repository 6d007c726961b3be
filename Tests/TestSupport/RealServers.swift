import Foundation
public import Testing

/// The real servers that tests run: `$RK_SERVERS/VERSION/bin/mongod`, by default `.servers` of the package.
public enum RealServers {
    /// The versions that tests are written for; the first is the one for tests that need just one.
    public static let versions = ["6.0.5", "4.4.2", "5.0.4"]
    /// The version for tests that need just one.
    public static let defaultVersion = "6.0.5"

    /// Whether a missing server fails tests instead of disabling them (`RK_REQUIRE_REAL=1`, as in CI).
    public static var areRequired: Bool { ProcessInfo.processInfo.environment["RK_REQUIRE_REAL"] == "1" }

    /// The directory that holds the servers.
    public static var directory: String {
        ProcessInfo.processInfo.environment["RK_SERVERS"] ?? packageRoot + "/.servers"
    }

    /// The directory of `Package.swift`.
    public static var packageRoot: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path(percentEncoded: false).removingTrailingSlash
    }

    /// Whether a version is there.
    public static func isAvailable(_ version: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path(version))
    }

    /// The versions that are there; all that are expected where servers are required, so that a missing one fails.
    public static var availableVersions: [String] { areRequired ? versions : versions.filter(isAvailable) }

    /// The newest and the oldest of them, for tests that take minutes: what lies between differs from these in little that
    /// they try, and quicker tests run on it.
    public static var outermostVersions: [String] { availableVersions.filter { ["6.0.5", "4.4.2"].contains($0) } }

    /// The `mongod` of a version.
    ///
    /// - Throws: When it is not there: reached only where ``areRequired``, as ``Testing/Trait/realServers(_:)``
    ///   disables the test elsewhere.
    public static func mongod(_ version: String = defaultVersion) throws -> String {
        guard isAvailable(version) else {
            throw TestFailure("there is no mongod \(version) in \(directory): scripts/servers \(version) gets it")
        }
        return path(version)
    }

    private static func path(_ version: String) -> String { "\(directory)/\(version)/bin/mongod" }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where one of these servers is missing; with `RK_REQUIRE_REAL=1` it runs and fails.
    public static func realServers(_ versions: String...) -> Self {
        let wanted = versions.isEmpty ? [RealServers.defaultVersion] : versions
        let missing = wanted.filter { !RealServers.isAvailable($0) }
        return .enabled(
            if: missing.isEmpty || RealServers.areRequired,
            "no mongod \(missing.joined(separator: ", ")) in \(RealServers.directory)"
        )
    }
}

extension String {
    fileprivate var removingTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
