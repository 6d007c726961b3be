import Foundation
import Logging
import ReplicaKit
import ReplicaKitMongo
import Synchronization
import TestSupport
import Testing

extension LibMongoCDriver {
    /// A driver whose log nobody reads.
    static var quiet: LibMongoCDriver { LibMongoCDriver(logger: .silent) }
}

extension MemberDriver {
    /// Runs one command over a connection of its own.
    @discardableResult
    func run(
        _ command: BSONDocument,
        on database: String = "admin",
        at address: MemberAddress,
        as authentication: MemberAuthentication = .none,
        timeout: Duration = .seconds(20)
    ) async throws -> BSONDocument {
        try await withConnection(to: address, as: authentication, timeout: timeout) { connection in
            try await connection.run(command, on: database, timeout: timeout)
        }
    }
}

/// Runs `body`, which must throw a ``ReplicaKitError``, and gives that.
func replicaKitError(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async throws -> ReplicaKitError {
    do {
        try await body()
    } catch let error as ReplicaKitError {
        return error
    } catch {
        Issue.record("not a ReplicaKitError: \(error)", sourceLocation: sourceLocation)
        throw error
    }
    throw TestFailure("nothing was thrown")
}

extension MemberAuthentication {
    static func user(_ name: String, _ password: String, source: String = "admin") -> Self {
        .password(Credential(user: name, password: Secret(password), source: source))
    }
}

extension RealMongod {
    /// Creates the first user through the localhost exception, or another one as `administrator`.
    func createUser(
        _ name: String,
        password: String,
        mechanisms: [String] = ["SCRAM-SHA-1", "SCRAM-SHA-256"],
        as administrator: MemberAuthentication = .none
    ) async throws {
        try await LibMongoCDriver.quiet.run(
            [
                "createUser": .string(name), "pwd": .string(password), "roles": ["root"],
                "mechanisms": .array(BSONArray(mechanisms.map { .string($0) })),
            ],
            at: address,
            as: administrator
        )
    }

    /// The text of a keyfile, and the arguments that start a server with it.
    static let keyFileText = "c2VjcmV0IGtleSBvZiB0ZXN0cw\nAAAABBBBCCCCDDDDEEEEFFFF\n"

    /// Writes a keyfile and gives the arguments that use it.
    static func keyFile(in directory: TemporaryDirectory) throws -> [String] {
        let path = directory.path("keyfile")
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o400]
        guard FileManager.default.createFile(atPath: path, contents: Data(keyFileText.utf8), attributes: attributes)
        else { throw TestFailure("cannot write \(path)") }
        return ["--keyFile", path]
    }
}

/// Everything that was logged, at all levels.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(recorder: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.lines.withLock {
                $0.append("\(event.level) \(event.message) \(metadata) \(event.metadata ?? [:])")
            }
        }
    }
}
