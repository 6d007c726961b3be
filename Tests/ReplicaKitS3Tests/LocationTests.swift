import Logging
import ReplicaKit
import ReplicaKitS3
import Testing

@Suite struct LocationTests {
    private func location(_ endpoint: String, bucket: String = "backups", prefix: String = "") -> S3Location {
        S3Location(
            endpoint: endpoint,
            bucket: bucket,
            prefix: prefix,
            credentials: S3Credentials(accessKeyID: "AKIA1", secretAccessKey: Secret("do not show this"))
        )
    }

    private func name(_ location: S3Location) async throws -> String {
        try await S3BackupStore.with(location, logger: Logger(label: "test")) { $0.location }
    }

    @Test(arguments: [
        "", "s3.example.com", "ftp://s3.example.com", "https://", "https://user:secret@s3.example.com",
        "https://s3.example.com/path", "https://s3.example.com?x=1", "http://s3.example.com",
        "http://127.0.0.1.evil.com",
    ])
    func anUnusableEndpointIsRefused(_ endpoint: String) async {
        let error = await #expect(throws: ReplicaKitError.self) { try await name(location(endpoint)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("secret") != true)
    }

    @Test(arguments: ["", "x", "a/b", "../b", "-a", "a b"]) func anUnusableBucketIsRefused(_ bucket: String) async {
        let error = await #expect(throws: ReplicaKitError.self) {
            try await name(location("https://s3.example.com", bucket: bucket))
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func plainHTTPIsForThisMachineOrAllowed() async throws {
        for endpoint in [
            "http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "https://s3.example.com",
        ] {
            #expect(try await name(location(endpoint, prefix: "a/b/")) == "s3://backups/a/b/")
        }
        var allowed = location("http://s3.example.com")
        allowed.allowsPlainHTTP = true
        #expect(try await name(allowed) == "s3://backups/")
    }
}
