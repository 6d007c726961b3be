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

extension S3Location {
    /// The place that a spec names, with its secrets read.
    ///
    /// - Throws: ``ReplicaKitError/Code/secretMissing``, ``ReplicaKitError/Code/fileTooOpen``,
    ///   ``ReplicaKitError/Code/fileUnreadable``.
    public init(_ place: BackupSpec.S3, secrets: SecretStore) throws(ReplicaKitError) {
        func read(_ path: String) throws(ReplicaKitError) -> Secret {
            do {
                return try secrets.read(.file(path))
            } catch {
                guard error.code == .secretMissing else { throw error }
                // Set-up makes other secrets; this one only the service can give.
                throw ReplicaKitError(
                    error.code,
                    error.message,
                    hint:
                        "Put there, with mode 0600, what the S3 service gave with the access key \(place.accessKeyID)."
                )
            }
        }
        self.init(
            endpoint: place.endpoint,
            region: place.region,
            bucket: place.bucket,
            prefix: place.prefix,
            credentials: S3Credentials(
                accessKeyID: place.accessKeyID,
                secretAccessKey: try read(place.secretAccessKeyFile),
                sessionToken: try place.sessionTokenFile.map { path throws(ReplicaKitError) in try read(path) }
            ),
            usesVirtualHost: place.usesVirtualHost,
            allowsPlainHTTP: place.allowsPlainHTTP
        )
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
        // A spec may say the same: it is judged in one place.
        let place = BackupSpec.S3(
            endpoint: location.endpoint,
            region: location.region,
            bucket: location.bucket,
            prefix: location.prefix,
            accessKeyID: location.credentials.accessKeyID,
            secretAccessKeyFile: "(none)",
            usesVirtualHost: location.usesVirtualHost,
            allowsPlainHTTP: location.allowsPlainHTTP
        )
        if let problem = place.problems().first { throw Self.refusal(problem.message) }
        guard !location.credentials.secretAccessKey.isEmpty, let (scheme, host, port) = place.address else {
            throw Self.refusal("the secret of the access key is empty")
        }
        var prefix = location.prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.scheme = scheme
        self.host =
            (location.usesVirtualHost ? "\(location.bucket)." : "") + host + (port.map { ":\($0)" } ?? "")
        bucketPath = location.usesVirtualHost ? "" : "/\(location.bucket)"
        region = location.region
        self.prefix = prefix.isEmpty ? "" : prefix + "/"
    }

    private static func refusal(_ message: String) -> ReplicaKitError { ReplicaKitError(.invalidArgument, message) }
}
