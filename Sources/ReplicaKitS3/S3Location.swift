internal import Foundation
public import ReplicaKit

/// Where an S3 service keeps backups, and as whom it is asked.
public struct S3Location: Sendable {
    /// The service, such as `https://s3.eu-central-1.amazonaws.com`.
    public var endpoint: String
    /// The region that requests are signed for; services that have none take `us-east-1`.
    public var region: String
    /// The bucket, which must exist.
    public var bucket: String
    /// What the names of all objects begin with, without the slash that follows it; empty for the whole bucket.
    public var prefix: String
    /// As whom.
    public var credentials: S3Credentials
    /// Whether the bucket's name stands before the host's (`bucket.host`) instead of in the path (`host/bucket`).
    public var usesVirtualHost: Bool
    /// Whether `http` is taken to other machines too. Then whoever is on the way can read what is not encrypted.
    public var allowsPlainHTTP: Bool

    /// Creates a location.
    public init(
        endpoint: String,
        region: String = "us-east-1",
        bucket: String,
        prefix: String = "",
        credentials: S3Credentials,
        usesVirtualHost: Bool = false,
        allowsPlainHTTP: Bool = false
    ) {
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.prefix = prefix
        self.credentials = credentials
        self.usesVirtualHost = usesVirtualHost
        self.allowsPlainHTTP = allowsPlainHTTP
    }
}

/// An access key of an S3 service.
public struct S3Credentials: Sendable {
    /// Its name, which is no secret.
    public var accessKeyID: String
    /// What requests are signed with.
    public var secretAccessKey: Secret
    /// What comes with keys that are lent for a time.
    public var sessionToken: Secret?

    /// Creates credentials.
    public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

/// A checked location: what URLs are made of.
struct S3Address: Sendable {
    let scheme: String
    /// With the port, if it is not the scheme's.
    let host: String
    /// The path of the bucket, already encoded; without a slash at the end.
    let bucketPath: String
    let region: String
    /// Empty, or with a slash at the end.
    let prefix: String

    /// Checks a location.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidArgument``.
    init(_ location: S3Location) throws(ReplicaKitError) {
        guard let parts = URLComponents(string: location.endpoint), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.encodedHost, !host.isEmpty,
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil, parts.user == nil
        else {
            // It may hold a password by mistake, so it is not shown.
            throw Self.refusal("the endpoint of the S3 service is not like https://HOST or https://HOST:PORT")
        }
        guard scheme == "https" || location.allowsPlainHTTP || Self.isLoopback(host) else {
            throw Self.refusal(
                "\(location.endpoint) would send the backups unencrypted over the network",
                "Use https, or allow plain HTTP for this store."
            )
        }
        guard location.bucket.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{1,254}/) != nil else {
            throw Self.refusal("'\(location.bucket)' is no name of a bucket")
        }
        guard location.region.wholeMatch(of: /[A-Za-z0-9-]+/) != nil else {
            throw Self.refusal("'\(location.region)' is no name of a region")
        }
        guard location.credentials.accessKeyID.wholeMatch(of: /[!-~]+/) != nil,
            !location.credentials.secretAccessKey.isEmpty
        else { throw Self.refusal("the access key of the S3 service is empty, or has characters that none has") }
        var prefix = location.prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        guard !prefix.hasPrefix("/"), !prefix.utf8.contains(0), prefix.utf8.count <= 512 else {
            throw Self.refusal("'\(location.prefix)' cannot stand before the names of objects")
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        self.scheme = scheme
        self.host = (location.usesVirtualHost ? "\(location.bucket)." : "") + host + port
        bucketPath = location.usesVirtualHost ? "" : "/\(location.bucket)"
        region = location.region
        self.prefix = prefix.isEmpty ? "" : prefix + "/"
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127\.\d+\.\d+\.\d+/) != nil
    }

    private static func refusal(_ message: String, _ hint: String? = nil) -> ReplicaKitError {
        ReplicaKitError(.invalidArgument, message, hint: hint)
    }
}
