import Foundation
public import Testing

/// Debian's libfaketime: a process into which it is loaded sees another time of day.
public enum FalseTime {
    /// The library, from the tools that `scripts/tools` unpacks: beside the programs on PATH, or installed.
    public static var library: String? {
        let roots = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .filter { $0.hasSuffix("/usr/bin") }.map { $0.dropLast("/usr/bin".count) }
        return roots.flatMap { root in
            let directories = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/usr/lib")
            return (directories ?? []).map { "\(root)/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        }.first(where: FileManager.default.isReadableFile)
    }

    /// Runs a program to its end, which may leave a server behind, with a clock that is ahead by so many seconds. What it
    /// waits for is not changed.
    public static func run(_ words: [String], in directory: String, aheadBy seconds: Int) async throws {
        guard let library else { throw TestFailure("there is no libfaketime: scripts/tools gets it") }
        // Python in between closes what a server that stays would hold open, by which Foundation tells an end.
        try await Command.run(
            [Judge.python, "-c", "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"] + words,
            in: directory,
            environment: [
                "LD_PRELOAD": library, "FAKETIME": "+\(seconds)s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                // With it deadlines by the monotonic clock count as over, and the server only spins.
                "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            ]
        )
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where there is no libfaketime; with `RK_REQUIRE_REAL=1` it runs and fails.
    public static var falseTime: Self {
        .enabled(
            if: FalseTime.library != nil || RealServers.areRequired,
            "no libfaketime: scripts/tools gets it"
        )
    }
}
