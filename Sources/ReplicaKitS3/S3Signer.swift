internal import Crypto
internal import Foundation
internal import ReplicaKit

/// Signs requests: AWS Signature Version 4, for S3 (whose paths are encoded once).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
struct S3Signer: Sendable {
    let credentials: S3Credentials
    let region: String

    /// A request's parts, as they are sent.
    struct Request {
        var method: String
        var host: String
        /// Encoded.
        var path: String
        var query: [(name: String, value: String)] = []
        /// Besides the host; all of them are signed.
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []

        /// The query, encoded and in the order that signatures want.
        var encodedQuery: String {
            query.map { (S3Signer.encode($0.name), S3Signer.encode($0.value)) }.sorted { $0 < $1 }
                .map { "\($0)=\($1)" }.joined(separator: "&")
        }
    }

    /// The headers to send: the request's own, the date, the body's hash and the signature.
    func headers(for request: Request, at date: Date) -> [(name: String, value: String)] {
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        let time = date.formatted(style)
        let bodyHash = Self.hexadecimal(SHA256.hash(data: request.body))
        var headers =
            request.headers + [("Host", request.host), ("x-amz-content-sha256", bodyHash), ("x-amz-date", time)]
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token.reveal())) }

        let canonical = headers.map { ($0.name.lowercased(), $0.value.trimmingCharacters(in: .whitespaces)) }
            .sorted { $0.0 < $1.0 }
        let signed = canonical.map(\.0).joined(separator: ";")
        let text = [
            request.method, request.path, request.encodedQuery,
            canonical.map { "\($0):\($1)\n" }.joined(), signed, bodyHash,
        ].joined(separator: "\n")

        let scope = [String(time.prefix(8)), region, "s3", "aws4_request"]
        let toSign = [
            "AWS4-HMAC-SHA256", time, scope.joined(separator: "/"),
            Self.hexadecimal(SHA256.hash(data: Data(text.utf8))),
        ].joined(separator: "\n")
        var key = SymmetricKey(data: Data("AWS4\(credentials.secretAccessKey.reveal())".utf8))
        for part in scope {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
        }
        let signature = Self.hexadecimal(HMAC<SHA256>.authenticationCode(for: Data(toSign.utf8), using: key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope.joined(separator: "/")),"
            + "SignedHeaders=\(signed),Signature=\(signature)"
        return headers + [("Authorization", authorization)]
    }

    /// Percent-encodes all but unreserved characters, and slashes where they separate.
    static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "/") where keepingSlashes: encoded += "/"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
