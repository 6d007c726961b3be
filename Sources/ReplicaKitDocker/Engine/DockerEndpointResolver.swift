import Foundation
public import ReplicaKit

/// Finds the engine as the `docker` command does: `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the current context of
/// `config.json`, then the usual sockets.
///
/// Source: Docker's documentation, "Docker contexts" and "Environment variables of the CLI".
public struct DockerEndpointResolver: Sendable {
    /// The process's environment.
    public var environment: [String: String]
    /// The program that `ssh://` endpoints are reached with, by its name or path.
    public var sshProgram = "ssh"
    /// Whether a file or socket is there.
    var isPresent: @Sendable (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }

    /// Creates a resolver.
    ///
    /// - Parameter environment: `nil` is that of this process.
    public init(environment: [String: String]? = nil) {
        self.environment = environment ?? ProcessInfo.processInfo.environment
    }

    /// The engine that is written, or the one that the `docker` command would talk to.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument`` for an endpoint or a context that is none.
    public func endpoint(_ written: String? = nil) throws(ReplicaKitError) -> DockerEndpoint {
        let found = try find(written)
        guard case .ssh(var target) = found else { return found }
        target.program = sshProgram
        return .ssh(target)
    }

    private func find(_ written: String?) throws(ReplicaKitError) -> DockerEndpoint {
        if let written { return try DockerEndpoint(written, tls: environmentTLS(for: written)) }
        if let host = value("DOCKER_HOST") { return try DockerEndpoint(host, tls: environmentTLS(for: host)) }
        if let name = value("DOCKER_CONTEXT") ?? currentContext, name != "default" { return try context(name) }
        return .unix(defaultSocket)
    }

    private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private var directory: String { value("DOCKER_CONFIG") ?? (value("HOME") ?? "") + "/.docker" }

    private var defaultSocket: String {
        let usual = "/var/run/docker.sock"
        let runtime = value("XDG_RUNTIME_DIR")
        let others = [
            runtime.map { "\($0)/docker.sock" }, runtime.map { "\($0)/podman/podman.sock" }, "/run/podman/podman.sock",
        ]
        // None there: the usual one is what the error should name.
        return ([usual] + others.compactMap(\.self)).first(where: isPresent) ?? usual
    }

    private func environmentTLS(for host: String) -> DockerTLS? {
        guard !host.hasPrefix("unix:"), let verify = environment["DOCKER_TLS_VERIFY"] ?? environment["DOCKER_TLS"]
        else { return nil }
        let path = value("DOCKER_CERT_PATH") ?? directory
        let isVerified = environment["DOCKER_TLS_VERIFY"].map { !$0.isEmpty } ?? false
        guard isVerified || !verify.isEmpty else { return nil }
        return tls(in: path, isVerified: isVerified)
    }

    private func tls(in path: String, isVerified: Bool) -> DockerTLS {
        func file(_ name: String) -> String? {
            let full = "\(path)/\(name)"
            return isPresent(full) ? full : nil
        }
        return DockerTLS(
            caFile: file("ca.pem"),
            certificateFile: file("cert.pem"),
            keyFile: file("key.pem"),
            isVerified: isVerified
        )
    }

    private var currentContext: String? {
        json(Config.self, "\(directory)/config.json")?.currentContext.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A context lies in a directory that is named by a hash of its name; its own file has the name too.
    private func context(_ name: String) throws(ReplicaKitError) -> DockerEndpoint {
        let meta = "\(directory)/contexts/meta"
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: meta)) ?? []
        for folder in folders {
            guard let context = json(Context.self, "\(meta)/\(folder)/meta.json"), context.Name == name else {
                continue
            }
            guard let docker = context.Endpoints?["docker"], let host = docker.Host else { break }
            let keys = "\(directory)/contexts/tls/\(folder)/docker"
            let isVerified = docker.SkipTLSVerify != true
            return try DockerEndpoint(host, tls: isPresent(keys) ? tls(in: keys, isVerified: isVerified) : nil)
        }
        throw ReplicaKitError(
            .invalidArgument,
            "there is no Docker context \"\(name)\" in \(meta)",
            hint: "docker context ls lists them; DOCKER_HOST names an engine without one."
        )
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }

    private struct Config: Decodable {
        var currentContext: String?
    }

    private struct Context: Decodable {
        var Name: String
        var Endpoints: [String: Endpoint]?

        struct Endpoint: Decodable {
            var Host: String?
            var SkipTLSVerify: Bool?
        }
    }
}
