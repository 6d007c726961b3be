internal import AsyncHTTPClient
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import ReplicaKit

/// Sends signed requests to one bucket, and again when a failure may pass.
struct S3Client: Sendable {
    let http: HTTPClient
    let address: S3Address
    let credentials: S3Credentials
    let clock: any Clock<Duration>
    let logger: Logger

    /// What was answered, with the whole body.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: ByteBuffer
        /// How often the request was sent before: it may have been carried out then.
        var repeats = 0
    }

    /// How often a request is sent at most.
    private static let attempts = 6
    /// How long one attempt may take: the largest part over a slow line.
    private static let attemptLimit = TimeAmount.minutes(15)
    /// No answer is longer: a list of 1000 names, or a piece of an object.
    static let longestAnswer = 16 << 20

    /// Sends a request to an object, or to the bucket, until it is answered with something else than a passing failure.
    ///
    /// - Parameters:
    ///   - key: The full key of the object, or `nil` for the bucket.
    ///   - accepted: The statuses that the caller deals with.
    /// - Throws: ``ReplicaKitError/Code/backupStoreFailed``.
    func send(
        _ method: String,
        _ key: String?,
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        accepting accepted: Set<Int> = [200]
    ) async throws -> Answer {
        let path = address.bucketPath + (key.map { "/" + S3Signer.encode($0, keepingSlashes: true) } ?? "/")
        let request = S3Signer.Request(
            method: method,
            host: address.host,
            path: path,
            query: query,
            headers: headers,
            body: body
        )
        var attempt = 1
        while true {
            try Task.checkCancellation()
            let failure: S3Failure
            do {
                var answer = try await once(request)
                answer.repeats = attempt - 1
                if accepted.contains(answer.status) { return answer }
                failure = S3Failure(answer)
            } catch {
                try Task.checkCancellation()
                failure = S3Failure(error)
            }
            guard failure.mayPass, attempt < Self.attempts else {
                throw failure.error("\(method) \(path)", at: address, attempts: attempt, redactor)
            }
            let pause = failure.pause(after: attempt)
            logger.warning(
                "A request to the store of the backups is sent again",
                metadata: [
                    "request": "\(method) \(path)", "failure": "\(redactor.redact(failure.words))",
                    "attempt": "\(attempt)", "pause": "\(pause)",
                ]
            )
            try await clock.sleep(for: pause)
            attempt += 1
        }
    }

    private func once(_ request: S3Signer.Request) async throws -> Answer {
        let query = request.encodedQuery
        let url = "\(address.scheme)://\(request.host)\(request.path)" + (query.isEmpty ? "" : "?\(query)")
        var message = HTTPClientRequest(url: url)
        message.method = HTTPMethod(rawValue: request.method)
        let signer = S3Signer(credentials: credentials, region: address.region)
        for header in signer.headers(for: request, at: .now) {
            message.headers.replaceOrAdd(name: header.name, value: header.value)
        }
        message.headers.replaceOrAdd(name: "User-Agent", value: "ReplicaKit")
        if !request.body.isEmpty || request.method == "PUT" || request.method == "POST" {
            message.body = .bytes(ByteBuffer(bytes: request.body))
        }
        let response = try await http.execute(message, deadline: .now() + Self.attemptLimit)
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        return Answer(status: Int(response.status.code), headers: response.headers, body: body)
    }

    private var redactor: Redactor {
        Redactor([credentials.secretAccessKey] + (credentials.sessionToken.map { [$0] } ?? []))
    }
}

extension HTTPClient.Configuration {
    /// How object stores are asked: the host that requests are signed for and no other, bytes as they are.
    static var forObjectStores: Self {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(30)
        configuration.timeout.read = .seconds(120)
        return configuration
    }
}
