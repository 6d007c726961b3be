import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ReplicaKit

extension EngineClient {
    /// The image of that reference; `nil` when the engine has not got it.
    func image(_ reference: String) async throws -> ImageDetails? {
        // The reference is a path of its own: its slashes stay.
        let parts = reference.split(separator: "/").map(String.init)
        return try await jsonIfPresent(
            ImageDetails.self,
            Request(path: ["images"] + parts + ["json"], action: "look at the image \(reference)")
        )
    }

    /// Fetches an image from its registry.
    ///
    /// - Parameters:
    ///   - reference: The image.
    ///   - progress: Told the engine's own words, such as `Downloading`, when they change.
    func pull(_ reference: String, progress: @Sendable (String) -> Void) async throws {
        let body = try await stream(
            Request(
                method: .POST,
                path: ["images", "create"],
                query: [
                    (
                        "fromImage",
                        Self.withTag(reference)
                    )
                ],
                action: "pull the image \(reference)",
                limit: .seconds(300)
            )
        )
        let reader = PullReader(body)
        var last = ""
        // Each piece has a limit of its own: a whole image may take as long as it takes.
        while let line = try await within(.seconds(300), "pull the image \(reference)", { try await reader.next() }) {
            // A failure after the beginning comes inside an answer of status 200.
            if let error = line.error {
                throw EngineRefusal(status: 200, message: error, action: "pull the image \(reference)")
            }
            if let status = line.status, status != last {
                last = status
                progress(status)
            }
        }
    }

    /// A reference with a tag: without one an engine would fetch all of them. A registry's port is no tag.
    static func withTag(_ reference: String) -> String {
        let name = reference.split(separator: "/").last ?? ""
        return name.contains(":") || name.contains("@") ? reference : reference + ":latest"
    }

    /// The engine's machine.
    func information() async throws -> EngineInformation {
        try await json(EngineInformation.self, Request(path: ["info"], action: "ask for its machine"))
    }
}

/// The lines of JSON that a pull is reported in.
private actor PullReader {
    struct Line: Decodable, Sendable {
        var status: String?
        var error: String?
    }

    private var body: HTTPClientResponse.Body.AsyncIterator
    private var buffer: [UInt8] = []

    init(_ body: HTTPClientResponse.Body) { self.body = body.makeAsyncIterator() }

    /// The next line; `nil` at the end. One that is no JSON says nothing.
    func next() async throws -> Line? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return (try? JSONDecoder().decode(Line.self, from: Data(buffer[..<end]))) ?? Line()
            }
            // No line is that long: what goes on without an end is dropped rather than kept.
            if buffer.count > 1 << 20 { buffer = [] }
            var iterator = body
            guard let chunk = try await iterator.next(isolation: self) else { return nil }
            body = iterator
            buffer += chunk.readableBytesView
        }
    }
}
