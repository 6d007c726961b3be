import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ReplicaKit

/// One JSON document that is posted to a URL, which is a secret.
struct HTTPDelivery: Sendable {
    var url: Secret
    var authorization: Secret?
    var body: JSONValue
    /// What else must not be seen in an answer that is told to people.
    var otherSecrets: [Secret] = []

    /// What was answered.
    struct Answer: Sendable {
        var status: Int
        /// The beginning of the body; nothing where it was not read.
        var body = ""
    }

    /// No more of an answer is read.
    private static let longestAnswer = 4096

    /// Posts it.
    ///
    /// - Parameters:
    ///   - http: What it is posted with.
    ///   - readsBody: Whether the body of a good answer matters. That of a bad one is read, as far as there is one.
    /// - Throws: ``DeliveryFailure`` for any answer that is not 2xx, and where there is none.
    func post(with http: HTTPClient, readsBody: Bool) async throws -> Answer {
        var request = HTTPClientRequest(url: url.reveal())
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "ReplicaKit")
        if let authorization { request.headers.add(name: "Authorization", value: authorization.reveal()) }
        request.body = .bytes(ByteBuffer(string: body.text()))
        do {
            // The limit is the caller's: this one only keeps a forgotten one from being for ever.
            let response = try await http.execute(request, deadline: .now() + .minutes(20))
            let status = Int(response.status.code)
            guard (200...299).contains(status) else {
                throw failure(status, try? await text(of: response), response.headers)
            }
            return Answer(status: status, body: readsBody ? try await text(of: response) : "")
        } catch let failure as DeliveryFailure {
            throw failure
        } catch {
            try Task.checkCancellation()
            throw DeliveryFailure(message: redact(Self.words(error)))
        }
    }

    /// The beginning of a body. One that does not end is left there.
    private func text(of response: HTTPClientResponse) async throws -> String {
        var bytes = ByteBuffer()
        for try await part in response.body {
            bytes.writeImmutableBuffer(part)
            if bytes.readableBytes >= Self.longestAnswer { break }
        }
        return String(decoding: bytes.readableBytesView.prefix(Self.longestAnswer), as: UTF8.self)
    }

    private func failure(_ status: Int, _ body: String?, _ headers: HTTPHeaders) -> DeliveryFailure {
        let words = shown(body ?? "")
        var failure = DeliveryFailure(message: "it answered \(status)" + (words.isEmpty ? "" : ": \(words)"))
        // Too many requests, too early, and a request that took too long may pass; so may all that is the server's fault.
        failure.isPermanent = (300...499).contains(status) && ![408, 425, 429].contains(status)
        failure.retryAfter = headers.first(name: "Retry-After").flatMap(Self.pause)
        return failure
    }

    /// What people may see of an answer.
    func shown(_ text: String) -> String {
        let line = redact(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let visible = line.unicodeScalars.filter { !CharacterSet.controlCharacters.contains($0) }
        return String(String(String.UnicodeScalarView(visible)).prefix(200))
    }

    private func redact(_ text: String) -> String {
        // A URL's secret is mostly in its path, which a server may repeat alone.
        let parts = URLComponents(string: url.reveal()).map { [$0.path, $0.query ?? "", $0.password ?? ""] } ?? []
        let words = authorization.map { $0.reveal().split(separator: " ").map(String.init) } ?? []
        let secrets = [url] + (authorization.map { [$0] } ?? []) + otherSecrets
        return Redactor(secrets + (parts + words).map { Secret($0) }).redact(text)
    }

    /// Reads a number of seconds, or the date that it is over at.
    static func pause(_ text: String) -> Duration? {
        if let seconds = Int(text) { return .seconds(max(0, min(seconds, 86_400))) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text).map { .seconds(max(0, min($0.timeIntervalSinceNow, 86_400))) }
    }

    /// What went wrong on the way, in a few words.
    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "the connection was not made in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
        case let error as HTTPClientError: error.shortDescription
        default: DeliveryFailure.words(error)
        }
    }
}

extension SecretStore {
    /// Reads a URL.
    ///
    /// - Throws: ``DeliveryFailure`` when it is none, without saying what it is.
    func readURL(_ reference: SecretReference) throws -> Secret {
        let secret = try read(reference)
        let parts = URLComponents(string: secret.reveal())
        guard let scheme = parts?.scheme?.lowercased(), ["http", "https"].contains(scheme),
            parts?.host?.isEmpty == false
        else {
            throw DeliveryFailure(message: "its URL is no http:// or https:// URL", isPermanent: true)
        }
        return secret
    }
}

extension HTTPClient.Configuration {
    /// How alerts are sent: where they are sent to and nowhere else, and never over a connection that may be dead.
    static var forAlerts: Self {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        // Alerts are rare: a connection that was kept would mostly be found closed.
        configuration.connectionPool.idleTimeout = .seconds(5)
        configuration.timeout.connect = .seconds(60)
        return configuration
    }
}
