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
                        reference.contains(":") || reference.contains("@") ? reference : reference + ":latest"
                    )
                ],
                action: "pull the image \(reference)",
                limit: .seconds(300)
            )
        )
        struct Line: Decodable {
            var status: String?
            var error: String?
        }
        var buffer: [UInt8] = []
        var last = ""
        for try await chunk in body {
            buffer += chunk.readableBytesView
            while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = try? JSONDecoder().decode(Line.self, from: Data(buffer[..<end]))
                buffer.removeFirst(end + 1)
                // A failure after the beginning comes inside an answer of status 200.
                if let error = line?.error {
                    throw EngineRefusal(status: 200, message: error, action: "pull the image \(reference)")
                }
                if let status = line?.status, status != last {
                    last = status
                    progress(status)
                }
            }
        }
    }

    /// The engine's machine.
    func information() async throws -> EngineInformation {
        try await json(EngineInformation.self, Request(path: ["info"], action: "ask for its machine"))
    }
}
