import Logging
import ReplicaKit
import ReplicaKitS3
import TestSupport

extension ObjectServer {
    /// Lends a store in the bucket.
    func withStore<Result>(
        prefix: String = "",
        secret: String? = nil,
        logger: Logger = Logger(label: "test"),
        _ body: (S3BackupStore) async throws -> Result
    ) async throws -> Result {
        let location = S3Location(
            endpoint: "http://127.0.0.1:\(port)",
            bucket: "kept",
            prefix: prefix,
            credentials: S3Credentials(accessKeyID: accessKeyID, secretAccessKey: Secret(secret ?? self.secret))
        )
        return try await S3BackupStore.with(location, logger: logger, body)
    }
}
