import Foundation
import TestSupport
import Testing

/// Programs of Debian packages that tests run.
enum Programs {
    static func isAvailable(_ name: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where one of these programs is missing; with `RK_REQUIRE_REAL=1` it runs and fails.
    static func programs(_ names: String...) -> Self {
        let missing = names.filter { !Programs.isAvailable($0) }
        return .enabled(
            if: missing.isEmpty || RealServers.areRequired,
            "not on PATH: \(missing.joined(separator: ", ")); scripts/tools gets it"
        )
    }
}
