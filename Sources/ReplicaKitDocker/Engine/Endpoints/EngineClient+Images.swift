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
    ///   - silence: How long the engine may say nothing. A whole image may take as long as it takes.
    ///   - progress: Told how far it is when that has changed enough to be worth telling.
    func pull(
        _ reference: String,
        silence: Duration = .seconds(300),
        progress: @Sendable (PullProgress) -> Void
    ) async throws {
        let action = "pull the image \(reference)"
        let request = Request(
            method: .POST,
            path: ["images", "create"],
            query: [("fromImage", Self.withTag(reference))],
            action: action,
            limit: silence
        )
        let lines = JSONLines<PullLine>(try await stream(request))
        var (state, told) = (PullProgress(), PullProgress())
        while let line = try await within(silence, action, { try await lines.next() }) {
            // A failure after the beginning comes inside an answer of status 200.
            if let error = line.error { throw EngineRefusal(status: 200, message: error, action: action) }
            state.take(line)
            if state.isNews(after: told) {
                told = state
                progress(state)
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
