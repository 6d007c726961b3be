import ArgumentParser
import ReplicaKit

/// `rkctl spec init`.
struct SpecInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a spec to begin with.",
        discussion: """
            Without --external and --docker the members are mongod processes on this machine, at ports of the loopback that are \
            free now; with --docker they are containers. Edit the file as you like, then run `rkctl up`.
            """
    )

    @Option(help: "The set's name.")
    var name = "rs0"

    @Option(help: ArgumentHelp("How many members.", valueName: "n"))
    var members = 3

    @Option(help: ArgumentHelp("The directory of the members' data; relative to the spec.", valueName: "path"))
    var directory = ProcessRuntime().directory

    @Option(help: ArgumentHelp("The mongod to run: a path, or a name that is on PATH.", valueName: "path"))
    var mongod = ProcessRuntime().mongod

    @Flag(help: "Members are containers of a Docker engine, in a network of their own.")
    var docker = false

    @Option(help: "With --docker: the image.")
    var image = DockerRuntime().image

    @Option(help: ArgumentHelp("With --docker: the network's addresses.", valueName: "a.b.c.0/n"))
    var subnet = "172.22.0.0/24"

    @Option(help: ArgumentHelp("The first member's port; the others follow. Default: free ones.", valueName: "port"))
    var port: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The addresses of servers that someone else runs.", valueName: "host:port")
    )
    var external: [String] = []

    @Option(
        help: ArgumentHelp("The file to write (default: as --set).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var output: String?

    @Flag(help: "Overwrite the file if it exists.")
    var force = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...50).contains(members) else { throw ValidationError("--members must be from 1 to 50") }
        if let port, !(1...(65_536 - members)).contains(port) {
            throw ValidationError("--port must be from 1 to \(65_536 - members), so that every member has one")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let template = try template()
            let path = output ?? global.specPath
            // What was written must be a spec: a wrong name is found here, not by the next command.
            let spec = try SpecReader(file: path).read(template.text)
            try NewFile.write(template.text, to: path, replacing: force)
            try session.output.result {
                ["wrote \(path): set \(spec.name), \(spec.members.count) members"]
            } json: {
                [
                    "file": .string(path), "set": .string(spec.name.rawValue),
                    "members": .array(
                        BSONArray(
                            spec.members.map {
                                ["name": .string($0.name.rawValue), "host": .string($0.host.description)]
                            }
                        )
                    ),
                ]
            }
        }
    }

    private func template() throws(ReplicaKitError) -> SpecTemplate {
        if !external.isEmpty {
            var hosts: [MemberAddress] = []
            for text in external { hosts.append(try MemberAddress(text)) }
            return SpecTemplate(name: name, members: Array(zip(Self.names(of: hosts), hosts)), runtime: .external)
        }
        if docker { return try dockerTemplate() }
        let ports: [Int]
        if let port {
            ports = Array(port..<port + members)
        } else {
            ports = try Ports.free(members)
        }
        let hosts = ports.map { MemberAddress(host: "127.0.0.1", port: $0) }
        return SpecTemplate(
            name: name,
            members: Array(zip(SpecTemplate.names(members), hosts)),
            runtime: .process(ProcessRuntime(directory: directory, mongod: mongod))
        )
    }

    /// Members at .10, .11 and so on of the subnet, as the runbook has them.
    private func dockerTemplate() throws(ReplicaKitError) -> SpecTemplate {
        guard let range = IPv4Subnet(subnet) else {
            throw ReplicaKitError(.invalidArgument, "\"\(subnet)\" is no subnet such as 172.22.0.0/24")
        }
        let runtime = DockerRuntime(
            image: image,
            prefix: "\(name)-",
            network: DockerNetwork(name: "\(name)-network", subnet: subnet)
        )
        let hosts = (0..<members).map { index in
            let address = range.base &+ UInt32(10 + index)
            let bytes = [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }
            return MemberAddress(host: bytes.joined(separator: "."), port: port ?? MemberAddress.defaultPort)
        }
        return SpecTemplate(
            name: name,
            members: Array(zip(SpecTemplate.names(members), hosts)),
            runtime: .docker(runtime)
        )
    }

    /// The first labels of host names where they tell the members apart, else `m1`, `m2` and so on.
    private static func names(of hosts: [MemberAddress]) -> [String] {
        let labels = hosts.map { String($0.host.prefix { $0 != "." }) }
        let areNames = labels.allSatisfy { label in
            label.first?.isLetter == true && label.utf8.allSatisfy { $0 < 0x80 }
                && !label.contains { "/:".contains($0) }
        }
        return areNames && Set(labels.map { $0.lowercased() }).count == hosts.count
            ? labels : SpecTemplate.names(hosts.count)
    }
}
