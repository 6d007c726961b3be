import Foundation
import Logging
public import ReplicaKit

/// A Compose file and what lies beside it.
public struct ComposeExport: Sendable {
    /// The file, to be encoded as YAML.
    public var file: ComposeFile
    /// The files that the containers get, as absolute paths: a copy of the keyfile and, with TLS, the certificates.
    public var files: [String]
    /// What could not be found out or done, and what to do about it; a sentence each.
    public var remarks: [String]
}

extension DockerHost {
    /// Describes the members' containers for Compose, and puts the files that they get where Compose finds them: into
    /// `secrets/compose` of the Compose file's directory, with mode 0400 and, when this is root, owned by the user that
    /// the server runs as in its image.
    ///
    /// Nothing is made or changed at the engine; it is asked about the image and its machine's memory, where it answers.
    ///
    /// - Parameters:
    ///   - keyFile: The set's keyfile.
    ///   - directory: Where the Compose file will be.
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/refused`` for members on several engines, as Compose knows one, and
    ///   for a file there that has another content; ``ReplicaKit/ReplicaKitError/Code/fileUnwritable``;
    ///   ``ReplicaKit/ReplicaKitError/Code/engineFailed``.
    public func exportCompose(keyFile: Secret, into directory: String) async throws -> ComposeExport {
        let engines = spec.members.compactMap { self.engines[$0.name] }
        guard let engine = engines.first, engines.allSatisfy({ $0 === engine }) else {
            let names = Set(engines.map(\.endpoint.description)).sorted()
            throw ReplicaKitError(
                .refused,
                "the members of \(spec.name) are on several engines (\(names.joined(separator: ", "))), and a Compose "
                    + "file is for one",
                hint: "Run them with rkctl, or give all members the same engine."
            )
        }
        var remarks: [String] = []
        let facts = try await facts(of: engine, &remarks)
        let members = spec.members.map { member in
            (
                service: member.name,
                container: MemberContainer(
                    member,
                    of: spec,
                    runtime,
                    image: facts.image,
                    memory: facts.memory,
                    sharing: spec.members.count
                )
            )
        }
        let contents = try files(keyFile: keyFile)
        let file = ComposeFile(members, network: runtime.network, files: contents.map(\.name))
        let paths = try put(contents, into: "\(directory)/\(ComposeFile.filesDirectory)", facts.user, &remarks)
        if case .tcp = engine.endpoint {
            remarks.append(
                "the engine at \(engine.endpoint) looks for \(ComposeFile.filesDirectory) on its own machine: copy the "
                    + "Compose file and that directory there, and run Compose there"
            )
        }
        return ComposeExport(file: file, files: paths, remarks: remarks)
    }

    private struct EngineFacts {
        var image: ContainerConfig?
        var memory: Int64?
        var user: ServerUser
    }

    /// The line of the official image's `/etc/passwd` that names the server's user.
    private static let officialUser = "mongodb:x:999:999::/data/db:/bin/false"

    private func facts(of engine: EngineClient, _ remarks: inout [String]) async throws -> EngineFacts {
        var found: ContainerConfig?
        var memory: Int64?
        do {
            found = try await engine.image(runtime.image)?.Config
            memory = try await engine.information().MemTotal
        } catch let refusal as EngineRefusal {
            throw refusal.error(at: engine.endpoint)
        } catch let error as ReplicaKitError where error.code == .engineUnreachable {
            remarks.append(error.message)
            if runtime.cacheSizeMB == nil {
                remarks.append(
                    "without the engine its machine's memory is not known, and each member would take half of it: set "
                        + "cacheSizeMB in the spec"
                )
            }
        }
        if found == nil {
            remarks.append(
                "the image \(runtime.image) could not be looked at: it is taken for the official one, whose server runs as 999"
            )
        }
        // What the official image says of itself.
        let image = found ?? ContainerConfig(Entrypoint: ["docker-entrypoint.sh"], Cmd: ["mongod"])
        if let name = image.User?.split(separator: ":").first, Int(name) == nil, name != "root", name != "mongodb" {
            remarks.append(
                "which number the image's user \(name) has is not known here: give it the files in "
                    + ComposeFile.filesDirectory
            )
        }
        return EngineFacts(
            image: image,
            memory: memory,
            user: ServerUser(image: image, passwd: Self.officialUser)
        )
    }

    private func put(
        _ files: [(name: String, content: [UInt8])],
        into directory: String,
        _ user: ServerUser,
        _ remarks: inout [String]
    ) throws(ReplicaKitError) -> [String] {
        let store = SecretStore(baseDirectory: directory)
        let owner = geteuid() == 0 ? (user: user.user, group: user.group) : nil
        var paths: [String] = []
        for file in files {
            let text = Secret(String(decoding: file.content, as: UTF8.self))
            paths.append(store.resolve(file.name))
            do {
                try store.put(text, at: file.name, owner: owner)
            } catch let error where error.code == .fileUnreadable && owner == nil {
                // Of an earlier time, and the server's user's by now.
                remarks.append("\(store.resolve(file.name)) is there and another user's: it was left as it is")
            }
        }
        if owner == nil {
            let list = paths.map { "'\($0)'" }.joined(separator: " ")
            remarks.append(
                "the server runs as user \(user.user) and must own its files: sudo chown \(user.user):\(user.group) \(list)"
            )
        }
        logger.info("wrote files for Compose", metadata: ["directory": "\(directory)"])
        return paths
    }
}
