import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ReplicaKit

extension EngineClient {
    /// The container of that name or id; `nil` when there is none.
    func container(_ name: String) async throws -> ContainerDetails? {
        try await jsonIfPresent(
            ContainerDetails.self,
            Request(path: ["containers", name, "json"], action: "look at the container \(name)")
        )
    }

    /// How many containers, running or not, are in a network.
    func containerCount(inNetwork network: String) async throws -> Int {
        try await containerIDs(where: ["network": [network]]).count
    }

    /// The ids of the containers, running or not, of which this is so; all without a filter.
    func containerIDs(where filters: [String: [String]] = [:]) async throws -> [String] {
        struct Item: Decodable { var Id: String }
        let text = String(decoding: try JSONEncoder().encode(filters), as: UTF8.self)
        let request = Request(
            path: ["containers", "json"],
            query: [("all", "1"), ("filters", text)],
            action: "list its containers"
        )
        return try await json([Item].self, request).map(\.Id)
    }

    /// Makes a container.
    func createContainer(_ name: String, _ container: ContainerRequest) async throws {
        try await send(
            Request(
                method: .POST,
                path: ["containers", "create"],
                query: [("name", name)],
                body: .json(try JSONEncoder().encode(container)),
                action: "create the container \(name)"
            )
        )
    }

    /// Starts a container; one that runs stays as it is.
    func startContainer(_ name: String) async throws {
        try await send(
            Request(method: .POST, path: ["containers", name, "start"], action: "start the container \(name)"),
            allowing: [304]
        )
    }

    /// Asks a container to end, and kills it when the grace has passed; the engine answers when it has ended.
    func stopContainer(_ name: String, grace: Duration) async throws {
        try await send(
            Request(
                method: .POST,
                path: ["containers", name, "stop"],
                query: [("t", String(max(1, grace.components.seconds)))],
                action: "stop the container \(name)",
                limit: grace + Self.usualLimit
            ),
            allowing: [304]
        )
    }

    /// Kills a container at once; one that does not run stays as it is.
    func killContainer(_ name: String) async throws {
        // 409: it does not run. Some engines answer 500 for the same: who asks looks afterwards.
        try await send(
            Request(method: .POST, path: ["containers", name, "kill"], action: "kill the container \(name)"),
            allowing: [409, 500]
        )
    }

    /// Removes a stopped container with its anonymous volumes; one that is not there is as it should be.
    func removeContainer(_ name: String) async throws {
        try await send(
            Request(
                method: .DELETE,
                path: ["containers", name],
                query: [("v", "1")],
                action: "remove the container \(name)"
            ),
            allowing: [404]
        )
    }

    /// A container's output.
    func logs(
        of name: String,
        tail: Int?,
        follow: Bool,
        since: EngineTime? = nil,
        withTimes: Bool
    ) async throws -> HTTPClientResponse.Body {
        var request = logRequest(name, tail: tail, follow: follow, since: since)
        if withTimes { request.query.append(("timestamps", "1")) }
        return try await stream(request)
    }

    private func logRequest(_ name: String, tail: Int?, follow: Bool, since: EngineTime?) -> Request {
        var query = [("stdout", "1"), ("stderr", "1"), ("follow", follow ? "1" : "0")]
        if let tail { query.append(("tail", String(tail))) }
        if let since { query.append(("since", since.since)) }
        return Request(
            path: ["containers", name, "logs"],
            query: query,
            action: "read the log of the container \(name)"
        )
    }

    /// The last lines of a container's output.
    func lastLines(of name: String, isRaw: Bool, count: Int, since: EngineTime? = nil) async throws -> [String] {
        let answer = try await send(logRequest(name, tail: count, follow: false, since: since))
        var frames = LogFrames(isRaw: isRaw)
        do {
            return try (frames.feed(answer.body.readableBytesView) + frames.finish()).map(\.text)
        } catch {
            throw malformed(error, "read the log of the container \(name)")
        }
    }

    /// Puts files into a container.
    func putArchive(_ archive: [UInt8], into name: String) async throws {
        try await send(
            Request(
                method: .PUT,
                path: ["containers", name, "archive"],
                query: [("path", "/")],
                body: .tar(archive),
                action: "put files into the container \(name)"
            )
        )
    }

    /// A file of a container; `nil` when it is not there.
    func file(_ path: String, in name: String) async throws -> [UInt8]? {
        let request = Request(
            path: ["containers", name, "archive"],
            query: [("path", path)],
            action: "read \(path) of the container \(name)"
        )
        let answer = try await send(request, allowing: [404])
        if answer.status == 404 { return nil }
        return TarReader.firstFile(in: Array(answer.body.readableBytesView))
    }

    /// Whether a path is in a container.
    func hasPath(_ path: String, in name: String) async throws -> Bool {
        let request = Request(
            method: .HEAD,
            path: ["containers", name, "archive"],
            query: [("path", path)],
            action: "look for \(path) in the container \(name)"
        )
        return try await send(request, allowing: [404]).status != 404
    }

    func malformed(_ error: StreamFrames.Malformed, _ action: String) -> ReplicaKitError {
        ReplicaKitError(
            .engineFailed,
            "cannot \(action): \(error.text)",
            hint: "The engine at \(endpoint) sent what is not in its API; the docker command may do better.",
            cause: error
        )
    }
}
