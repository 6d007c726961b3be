import ArgumentParser
import Foundation
import Logging
import ReplicaKit
import ReplicaKitDocker
import ReplicaKitMongo
import Yams

/// `rkctl compose adopt`.
struct ComposeAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Write the spec of a set that Compose or docker run started, without touching the set.",
        discussion: """
            Looks at the containers and asks the members; nothing is restarted or changed. Writes the spec, and the \
            keyfile that it finds in a container, and says what it could not find out. Containers that are made again \
            later keep their labels, so that Compose still knows them as its own.
            """
    )

    @Option(help: ArgumentHelp("Look at the containers of this Compose project.", valueName: "name"))
    var project: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Look at these containers (default: ask all that run).", valueName: "name")
    )
    var container: [String] = []

    @Option(help: ArgumentHelp("The engine (default: as the docker command).", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("Ask the members as this user, and name it in the spec.", valueName: "user"))
    var adminUser: String?

    @Option(
        help: ArgumentHelp("The file with that user's password, mode 0600; the spec names it.", valueName: "file"),
        completion: .file()
    )
    var adminPasswordFile: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The spec to write (default: as --set).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var output: String?

    @Flag(help: "Overwrite the spec if it exists.")
    var force = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if project != nil, !container.isEmpty { throw ValidationError("give --project or --container, not both") }
        if (adminUser == nil) != (adminPasswordFile == nil) {
            throw ValidationError("--admin-user and --admin-password-file belong together")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let path = output ?? global.specPath
            if !force { try NewFile.refuse(ifPresent: path) }
            let logger = Logger(label: "rkctl")
            let discovery = try SetDiscovery(
                endpoint: endpoint,
                driver: LibMongoCDriver(applicationName: "rkctl", logger: logger),
                logger: logger,
                timeout: global.answerTimeout
            )
            var found = try await discovery.find(selection, as: try administrator())
            if let adminPasswordFile {
                let file = URL(filePath: adminPasswordFile).standardizedFileURL.path
                found.spec.security.admin.password = .file(file)
            }
            // What is written must be a spec as the next command reads it.
            let yaml = "# Adopted by `rkctl compose adopt`.\n" + (try YAMLEncoder().encode(found.spec))
            _ = try SpecReader(file: path).read(yaml)
            let store = SecretStore(baseDirectory: NewFile.directory(of: path))
            if let keyFile = found.keyFile { try store.keepKeyFile(keyFile, at: found.spec.security.keyFile) }
            try NewFile.write(yaml, to: path, replacing: force)
            try report(
                found,
                path,
                keyFile: found.keyFile.map { _ in store.resolve(found.spec.security.keyFile) },
                session
            )
        }
    }

    private var selection: ContainerSelection {
        if let project { return .project(project) }
        return container.isEmpty ? .all : .named(container)
    }

    private func administrator() throws(ReplicaKitError) -> Credential? {
        guard let adminUser, let adminPasswordFile else { return nil }
        return Credential(user: adminUser, password: try SecretStore(baseDirectory: "").read(.file(adminPasswordFile)))
    }

    private func report(_ found: DiscoveredSet, _ path: String, keyFile: String?, _ session: Session) throws {
        if !session.output.isJSON {
            for remark in found.remarks { session.output.warning(remark) }
        }
        try session.output.result {
            let members = found.spec.members.map { "\($0.name) \($0.host) \($0.docker.container ?? "")" }
            return ["wrote \(path): set \(found.spec.name), \(members.count) members"]
                + members.map { "  \($0)" } + (keyFile.map { ["wrote \($0)"] } ?? [])
        } json: {
            [
                "file": .string(path), "set": .string(found.spec.name.rawValue),
                "members": .array(
                    BSONArray(
                        found.spec.members.map {
                            [
                                "name": .string($0.name.rawValue), "host": .string($0.host.description),
                                "container": $0.docker.container.map { .string($0) } ?? .null,
                            ]
                        }
                    )
                ),
                "keyFile": keyFile.map { .string($0) } ?? .null,
                "remarks": .array(BSONArray(found.remarks.map { .string($0) })),
            ]
        }
    }
}
