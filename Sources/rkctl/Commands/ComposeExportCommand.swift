import ArgumentParser
import Foundation
import ReplicaKit
import ReplicaKitDocker
import Yams

/// `rkctl compose export`.
struct ComposeExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a Compose file that brings up the containers of the spec.",
        discussion: """
            For docker-compose 1.27 and later and for Compose v2. The containers are those that `rkctl up` would make, so \
            after `docker-compose up -d` run `rkctl up`: it initiates the set. Beside the file, in secrets/compose, goes \
            a copy of the keyfile that the containers get; run this as root, or change its owner as it says.
            """
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write (default: stdout).", valueName: "file"),
        completion: .file(extensions: ["yml", "yaml"])
    )
    var output: String?

    @Flag(help: "Overwrite the file if it exists.")
    var force = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let file = try session.loadSpec()
            let host = try DockerHost(spec: file.spec, baseDirectory: file.baseDirectory)
            if let output, !force { try NewFile.refuse(ifPresent: output) }
            let keyFile = try SecretStore(baseDirectory: file.baseDirectory)
                .readOrCreateKeyFile(file.spec.security.keyFile)
            let export = try await host.exportCompose(
                keyFile: keyFile,
                into: output.map { NewFile.directory(of: $0) } ?? file.baseDirectory
            )
            let yaml = try Self.yaml(export.file, of: file.spec)
            if let output { try NewFile.write(yaml, to: output, replacing: force) }
            if !session.output.isJSON {
                for remark in export.remarks { session.output.warning(remark) }
            }
            try session.output.result {
                guard let output else {
                    return yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                }
                return ["wrote \(output): \(file.spec.members.count) services"]
                    + export.files.map { "wrote \($0)" }
            } json: {
                [
                    "file": output.map { .string($0) } ?? .null, "compose": .string(yaml),
                    "files": .array(BSONArray(export.files.map { .string($0) })),
                    "remarks": .array(BSONArray(export.remarks.map { .string($0) })),
                ]
            }
        }
    }

    /// The text of a Compose file, always the same for the same spec.
    static func yaml(_ file: ComposeFile, of spec: ReplicaSetSpec) throws -> String {
        let encoder = YAMLEncoder()
        encoder.options.sortKeys = true
        return """
            # The members of the replica set \(spec.name), from `rkctl compose export`.
            # After `docker-compose up -d`, `rkctl up` initiates the set. `docker-compose down -v` removes it with all data.

            """ + (try encoder.encode(file))
    }
}
