import Foundation
import Glibc

/// A directory that exists while a test needs it.
public struct TemporaryDirectory: Sendable {
    /// The absolute path, without symbolic links.
    public let path: String

    /// Makes a directory of mode 0700 below `$TMPDIR` or `/tmp`; whoever calls this removes it.
    public init(prefix: String = "rk") throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp in \(parent): errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the directory and all in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the directory.
    public func path(_ name: String) -> String { path + "/" + name }

    /// Lends a new directory to `body`, and removes it whatever happens.
    public static func with<Result>(
        prefix: String = "rk",
        _ body: (TemporaryDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory(prefix: prefix)
        defer { directory.remove() }
        return try await body(directory)
    }
}

/// Something around a test, not what it tests, went wrong.
public struct TestFailure: Error, CustomStringConvertible {
    /// What it was.
    public let description: String
    /// Creates a failure.
    public init(_ description: String) { self.description = description }
}
