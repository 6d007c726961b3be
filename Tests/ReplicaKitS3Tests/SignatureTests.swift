import Foundation
import ReplicaKit
import Testing

@testable import ReplicaKitS3

/// The examples that AWS publishes with the description of the signature.
@Suite struct SignatureTests {
    private static let signer = S3Signer(
        credentials: S3Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE",
            secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        ),
        region: "us-east-1"
    )
    // 2013-05-24T00:00:00Z
    private static let date = Date(timeIntervalSince1970: 1_369_353_600)

    private func signature(_ request: S3Signer.Request) throws -> String {
        let headers = Self.signer.headers(for: request, at: Self.date)
        let text = try #require(headers.first { $0.name == "Authorization" }?.value)
        let parts = text.components(separatedBy: "Signature=")
        #expect(
            parts[0].hasPrefix("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,")
        )
        return parts[1]
    }

    private static let host = "examplebucket.s3.amazonaws.com"

    @Test func getOfAnObject() throws {
        let request = S3Signer.Request(
            method: "GET",
            host: Self.host,
            path: "/test.txt",
            headers: [("Range", "bytes=0-9")]
        )
        #expect(try signature(request) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func putOfAnObject() throws {
        let request = S3Signer.Request(
            method: "PUT",
            host: Self.host,
            path: "/" + S3Signer.encode("test$file.text", keepingSlashes: true),
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            body: Array("Welcome to Amazon S3.".utf8)
        )
        #expect(try signature(request) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func getOfASetting() throws {
        let request = S3Signer.Request(method: "GET", host: Self.host, path: "/", query: [("lifecycle", "")])
        #expect(try signature(request) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }

    @Test func listOfObjects() throws {
        let query = [("prefix", "J"), ("max-keys", "2")]
        let request = S3Signer.Request(method: "GET", host: Self.host, path: "/", query: query)
        #expect(try signature(request) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func namesAreEncodedByteForByte() {
        #expect(S3Signer.encode("a b/ü+~", keepingSlashes: true) == "a%20b/%C3%BC%2B~")
        #expect(S3Signer.encode("a/\u{1}") == "a%2F%01")
    }
}
