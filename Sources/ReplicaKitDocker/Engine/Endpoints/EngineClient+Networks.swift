import AsyncHTTPClient
import Foundation
import NIOHTTP1
import ReplicaKit

extension EngineClient {
    /// All networks of exactly that name: there should be one at most.
    func networks(named name: String) async throws -> [NetworkDetails] {
        try await networks().filter { $0.Name == name }
    }

    /// All networks.
    func networks() async throws -> [NetworkDetails] {
        try await json([NetworkDetails].self, Request(path: ["networks"], action: "list its networks"))
    }

    /// Makes a network.
    func createNetwork(_ network: NetworkRequest) async throws {
        try await send(
            Request(
                method: .POST,
                path: ["networks", "create"],
                body: .json(try JSONEncoder().encode(network)),
                action: "create the network \(network.Name)"
            )
        )
    }

    /// Removes a network.
    ///
    /// - Returns: False when it is still used.
    func removeNetwork(_ id: String) async throws -> Bool {
        let answer = try await send(
            Request(method: .DELETE, path: ["networks", id], action: "remove the network \(id)"),
            allowing: [403, 404, 409]
        )
        return answer.status != 403 && answer.status != 409
    }
}

extension EngineClient {
    /// The volume of that name; `nil` when there is none.
    func volume(_ name: String) async throws -> VolumeDetails? {
        try await jsonIfPresent(
            VolumeDetails.self,
            Request(path: ["volumes", name], action: "look at the volume \(name)")
        )
    }

    /// Makes a volume.
    func createVolume(_ volume: VolumeRequest) async throws {
        try await send(
            Request(
                method: .POST,
                path: ["volumes", "create"],
                body: .json(try JSONEncoder().encode(volume)),
                action: "create the volume \(volume.Name)"
            )
        )
    }

    /// Removes a volume; one that is not there is as it should be.
    func removeVolume(_ name: String) async throws {
        try await send(
            Request(method: .DELETE, path: ["volumes", name], action: "remove the volume \(name)"),
            allowing: [404]
        )
    }
}
