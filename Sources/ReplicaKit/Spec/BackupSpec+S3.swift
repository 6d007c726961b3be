internal import Foundation

extension BackupSpec {
    /// A bucket of an S3 service, and as whom it is asked. The secret is named here, never held.
    public struct S3: Sendable, Hashable {
        /// The service, such as `https://s3.eu-central-1.amazonaws.com`.
        public var endpoint: String
        /// The region that requests are signed for; services that have none take `us-east-1`.
        public var region: String
        /// The bucket, which must exist.
        public var bucket: String
        /// What the names of all objects begin with, without the slash that follows it; empty for the whole bucket.
        public var prefix: String
        /// The name of the access key, which is no secret.
        public var accessKeyID: String
        /// The file with the access key's secret, of mode 0600 or stricter, relative to the spec's file.
        public var secretAccessKeyFile: String
        /// The file with the session token that comes with keys that are lent for a time, of mode 0600 or stricter.
        public var sessionTokenFile: String?
        /// Whether the bucket's name stands before the host's (`bucket.host`) instead of in the path (`host/bucket`).
        public var usesVirtualHost: Bool
        /// Whether `http` is taken to other machines too. Then whoever is on the way can read what is not encrypted.
        public var allowsPlainHTTP: Bool

        /// Creates a place.
        public init(
            endpoint: String,
            region: String = "us-east-1",
            bucket: String,
            prefix: String = "",
            accessKeyID: String,
            secretAccessKeyFile: String,
            sessionTokenFile: String? = nil,
            usesVirtualHost: Bool = false,
            allowsPlainHTTP: Bool = false
        ) {
            self.endpoint = endpoint
            self.region = region
            self.bucket = bucket
            self.prefix = prefix
            self.accessKeyID = accessKeyID
            self.secretAccessKeyFile = secretAccessKeyFile
            self.sessionTokenFile = sessionTokenFile
            self.usesVirtualHost = usesVirtualHost
            self.allowsPlainHTTP = allowsPlainHTTP
        }
    }
}

extension BackupSpec.S3: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case endpoint, region, bucket, prefix, accessKeyID, secretAccessKeyFile, sessionTokenFile, usesVirtualHost
        case allowsPlainHTTP
    }

    /// Decodes a place, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        self.init(
            endpoint: try values.decode(String.self, forKey: .endpoint),
            region: try values.decode(.region, default: "us-east-1"),
            bucket: try values.decode(String.self, forKey: .bucket),
            prefix: try values.decode(.prefix, default: ""),
            accessKeyID: try values.decode(String.self, forKey: .accessKeyID),
            secretAccessKeyFile: try values.decode(String.self, forKey: .secretAccessKeyFile),
            sessionTokenFile: try values.decodeIfPresent(String.self, forKey: .sessionTokenFile),
            usesVirtualHost: try values.decode(.usesVirtualHost, default: false),
            allowsPlainHTTP: try values.decode(.allowsPlainHTTP, default: false)
        )
    }
}

extension BackupSpec.S3 {
    /// What is wrong with it, before any service is asked.
    package func problems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        func check(_ key: CodingKeys, _ isGood: Bool, _ message: @autoclosure () -> String) {
            if !isGood { problems.append(SpecProblem([key.rawValue], message())) }
        }
        if let address {
            check(
                .endpoint,
                address.scheme == "https" || allowsPlainHTTP || Self.isLoopback(address.host),
                "\(endpoint) would send the backups unencrypted over the network: use https, or allowsPlainHTTP: true"
            )
        } else {
            // It may hold a password by mistake, so it is not shown.
            check(.endpoint, false, "the endpoint of the S3 service is not like https://HOST or https://HOST:PORT")
        }
        check(
            .region,
            region.wholeMatch(of: /[A-Za-z0-9-]+/) != nil,
            "\(region.debugDescription) is no name of a region"
        )
        check(
            .bucket,
            bucket.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{1,254}/) != nil,
            "\(bucket.debugDescription) is no name of a bucket"
        )
        check(
            .prefix,
            !prefix.hasPrefix("/") && !prefix.utf8.contains(0) && prefix.utf8.count <= 512,
            "\(prefix.debugDescription) cannot stand before the names of objects"
        )
        // Nor is this: what stands here by mistake would be the secret.
        check(
            .accessKeyID,
            accessKeyID.wholeMatch(of: /[!-~]+/) != nil,
            "the name of the access key is empty, or has characters that none has"
        )
        check(.secretAccessKeyFile, !secretAccessKeyFile.isEmpty, "the name of the file is empty")
        check(.sessionTokenFile, sessionTokenFile?.isEmpty != true, "the name of the file is empty")
        return problems
    }

    /// Where the service is, as its endpoint says; `nil` when that is no address of one.
    package var address: (scheme: String, host: String, port: Int?)? {
        guard let parts = URLComponents(string: endpoint), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.encodedHost, !host.isEmpty,
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil, parts.user == nil
        else { return nil }
        return (scheme, host, parts.port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127\.\d+\.\d+\.\d+/) != nil
    }
}
