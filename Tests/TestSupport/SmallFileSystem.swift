import Foundation
import Glibc
public import Testing

/// A file system of a few MiB, in memory, so that a full disk can be had for real.
public struct SmallFileSystem: Sendable {
    /// Where it is mounted.
    public let path: String

    /// Whether one can be mounted here: by root, or by a user with sudo.
    public static var isPossible: Bool { command(["true"]) && hasMount }

    private static let hasMount: Bool = {
        guard let directory = try? TemporaryDirectory(prefix: "rk-mount") else { return false }
        defer { directory.remove() }
        guard mount(megabytes: 1, at: directory.path) else { return false }
        return unmount(directory.path)
    }()

    /// Mounts a file system, lends it to `body`, and unmounts it whatever happens.
    public static func with<Result>(
        megabytes: Int,
        _ body: (SmallFileSystem) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.with(prefix: "rk-small") { directory in
            guard mount(megabytes: megabytes, at: directory.path) else {
                throw TestFailure("cannot mount a tmpfs at \(directory.path)")
            }
            defer { _ = unmount(directory.path) }
            return try await body(SmallFileSystem(path: directory.path))
        }
    }

    /// Writes a file until nothing fits any more.
    public func fill() throws {
        let filler = open(path + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard filler >= 0 else { throw TestFailure("cannot write into \(path): errno \(errno)") }
        defer { close(filler) }
        let block = [UInt8](repeating: 0x5A, count: 1 << 16)
        while write(filler, block, block.count) > 0 {}
    }

    /// Takes the filler away. Its blocks first: a process that is just being started may still hold the open file.
    public func empty() {
        truncate(path + "/filler", 0)
        unlink(path + "/filler")
    }

    private static func mount(megabytes: Int, at path: String) -> Bool {
        command(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700,uid=\(getuid())", "tmpfs", path])
    }

    private static func unmount(_ path: String) -> Bool { command(["umount", "--lazy", path]) }

    private static func command(_ words: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = (getuid() == 0 ? [] : ["sudo", "--non-interactive"]) + words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where no file system can be mounted.
    public static var smallFileSystem: Self {
        .enabled(if: SmallFileSystem.isPossible, "mounting a tmpfs needs root, or sudo without a password")
    }
}
