import Foundation
import Logging
import ReplicaKit
import ReplicaKitMongo
import ReplicaKitProcess

/// A set of one member on this machine, for as long as something needs it.
enum ScratchSet {
    /// Sets it up in a folder of its own, lends it, and removes all of it.
    static func with<Result: Sendable>(
        likeThatOf set: ReplicaSet,
        mongod: String?,
        _ session: Session,
        _ body: (ReplicaSet) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rkctl-scratch-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let scratch = try Self.set(in: folder, likeThatOf: set, mongod, session)
        let result: Swift.Result<Result, any Error>
        do {
            _ = try await scratch.apply(.up)
            result = .success(try await body(scratch))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: that of a cancelled command could not wait for anything.
        await Task {
            _ = try? await scratch.apply(.down(includingData: true))
            try? FileManager.default.removeItem(atPath: folder)
        }.value
        return try result.get()
    }

    private static func set(
        in folder: String,
        likeThatOf set: ReplicaSet,
        _ mongod: String?,
        _ session: Session
    ) throws -> ReplicaSet {
        var runtime = ProcessRuntime(directory: "data")
        if case .process(let process) = set.spec.runtime {
            runtime.mongod = process.mongod.contains("/") ? set.secrets.resolve(process.mongod) : process.mongod
        }
        // What has a time to live is compared, and not removed meanwhile.
        runtime.parameters["ttlMonitorEnabled"] = "false"
        if let mongod { runtime.mongod = SecretStore(baseDirectory: ".").resolve(mongod) }
        let port = try Ports.free(1)[0]
        let member = MemberSpec(name: "scratch", host: MemberAddress(host: "127.0.0.1", port: port))
        // The set's name, so that its backups are taken for its own.
        let spec = ReplicaSetSpec(name: set.spec.name, members: [member], runtime: .process(runtime))
        let logger = Logger(label: "rkctl")
        return ReplicaSet(
            spec: spec,
            baseDirectory: folder,
            toolbox: Toolbox(
                driver: LibMongoCDriver(applicationName: "rkctl", logger: logger),
                host: try LocalProcessHost(spec: spec, baseDirectory: folder, logger: logger),
                logger: logger
            ),
            limits: StepLimits(call: session.options.answerTimeout)
        )
    }
}
