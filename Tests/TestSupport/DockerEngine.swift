import Foundation
import ReplicaKit
public import Testing

/// The Docker engine that tests run containers on: `$RK_DOCKER_HOST`, set by `make test`, with the image that it makes.
public enum DockerEngine {
    /// The engine's endpoint; `nil` where there is none.
    public static var endpoint: String? {
        ProcessInfo.processInfo.environment["RK_DOCKER_HOST"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The image of the server that tests use.
    public static let image = "replicakit-mongod:\(RealServers.defaultVersion)"

    /// The endpoint, where there must be one.
    public static func required() throws -> String {
        guard let endpoint else { throw TestFailure("RK_DOCKER_HOST is not set: run the tests with make test") }
        return endpoint
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where there is no Docker engine; with `RK_REQUIRE_REAL=1` it runs and fails.
    public static func dockerEngine() -> Self {
        .enabled(
            if: DockerEngine.endpoint != nil || RealServers.areRequired,
            "no Docker engine: RK_DOCKER_HOST is not set"
        )
    }
}
