internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import ReplicaKit

/// Why a request was not carried out.
struct S3Failure {
    /// The service's name of what is wrong, such as `AccessDenied`; empty when it gave none.
    var code = ""
    var words: String
    /// Whether it may work when it is sent again.
    var mayPass: Bool
    /// Whether the service does not let us in, or there is no such bucket: it stays so until somebody changes it.
    private var isRefusal = false
    private var retryAfter: Duration?
    private var region: String?

    /// Services say in these codes, whatever the status, that it may work later.
    private static let passing: Set = [
        "InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException",
        "BadDigest", "XAmzContentSHA256Mismatch",
    ]

    /// What services say of a key, a secret or a token that they do not take.
    private static let credentialCodes: Set = [
        "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken",
    ]

    init(_ answer: S3Client.Answer) {
        let document = XMLElement(document: answer.body.readableBytesView)
        code = document?.text(of: "Code") ?? ""
        let message = document?.text(of: "Message") ?? ""
        let status = answer.status
        words = ["\(status)", code, message].filter { !$0.isEmpty }.joined(separator: " ")
        isRefusal = [401, 403].contains(status) || code == "NoSuchBucket" || Self.credentialCodes.contains(code)
        mayPass = status >= 500 && status != 501 || [408, 429].contains(status) || Self.passing.contains(code)
        retryAfter = answer.headers.first(name: "Retry-After").flatMap { Int($0) }.map { .seconds(max(0, min($0, 60))) }
        region = answer.headers.first(name: "x-amz-bucket-region")
    }

    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: words = error.shortDescription
        case is NIOTooManyBytesError: words = "the answer is longer than any should be"
        default: words = "\(error)"
        }
        // What the other side's certificate or our own request is wrong about does not pass.
        let isTLS = String(reflecting: type(of: error)).contains("SSL")
        mayPass = !(isTLS || error is NIOTooManyBytesError)
    }

    init(words: String, mayPass: Bool) {
        self.words = words
        self.mayPass = mayPass
    }

    /// How long to wait: longer each time, and not as long as others that failed at the same moment.
    func pause(after attempt: Int) -> Duration {
        let longest = min(200 << (attempt - 1), 10_000)
        return max(.milliseconds(Int.random(in: longest / 2...longest)), retryAfter ?? .zero)
    }

    /// The error that ends the attempts.
    func error(_ request: String, at address: S3Address, attempts: Int, _ redactor: Redactor) -> ReplicaKitError {
        let times = attempts == 1 ? "" : " (\(attempts) times)"
        return ReplicaKitError(
            isRefusal ? .backupStoreRefused : .backupStoreFailed,
            "\(address.scheme)://\(address.host): \(request) failed\(times): \(redactor.redact(words))",
            hint: hint(address)
        )
    }

    private func hint(_ address: S3Address) -> String? {
        switch code {
        case _ where Self.credentialCodes.contains(code):
            return "Look at the access key and its secret."
        case "AccessDenied":
            return "The access key needs s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and "
                + "s3:ListBucket."
        case "NoSuchBucket": return "Make the bucket first."
        case "RequestTimeTooSkewed": return "Set this machine's clock: it differs from the service's by many minutes."
        default:
            guard let region, region != address.region else { return nil }
            return "The bucket is in the region \(region)."
        }
    }
}
