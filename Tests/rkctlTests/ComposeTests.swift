import Foundation
import ReplicaKit
import TestSupport
import Testing
import Yams

// Inside the other suite: both use the same subnet, and one is serialized as a whole.
extension DockerTests {
    /// The real docker-compose (1.29) beside rkctl, each going on with what the other did.
    @Suite("Compose and rkctl")
    struct ComposeTests {
        /// A set in a directory named after a project of its own, with everything removed at the end.
        private struct Project {
            let tool: Tool
            let name: String
            let environment: [String: String]

            static func with(_ body: (Project) async throws -> Void) async throws {
                let environment = ["DOCKER_HOST": try DockerEngine.required()]
                let name = "rk-compose-\(UInt16.random(in: .min ... .max))"
                try await ServerSlots.with(3) {
                    try await Tool.with { tool in
                        let project = Project(tool: tool, name: name, environment: environment)
                        do {
                            try await body(project)
                        } catch {
                            // Whatever is there then, by whoever made it; what is not there is no reason to stop.
                            _ = try? await project.compose("down", "--volumes")
                            _ = try? await project.rkctl("down", "--volumes", "--yes")
                            _ = try? await project.compose("down", "--volumes")
                            throw error
                        }
                        #expect(try await project.leftovers() == "")
                    }
                }
            }

            @discardableResult
            func rkctl(_ arguments: String...) async throws -> Tool.Result {
                let result = try await tool.run(arguments, environment: environment)
                #expect(result.status == 0, "\(arguments): \(result.output)\(result.error)")
                return result
            }

            /// docker-compose with the exported file.
            @discardableResult
            func compose(_ arguments: String...) async throws -> String {
                try await Command.run(
                    ["docker-compose", "--project-name", name, "--file", "docker-compose.yml"] + arguments,
                    in: tool.directory.path,
                    environment: environment
                )
            }

            @discardableResult
            func docker(_ arguments: String...) async throws -> String {
                try await Command.run(["docker"] + arguments, environment: environment)
            }

            func leftovers() async throws -> String {
                try await docker("ps", "--all", "--quiet", "--filter", "name=\(name)")
                    + docker("volume", "ls", "--quiet", "--filter", "name=\(name)")
                    + docker("network", "ls", "--quiet", "--filter", "name=\(name)")
            }

            func writeSpec(labels: String = "") throws {
                let members = (1...3).map { index in
                    "  - {name: m\(index), host: \"172.22.1.\(9 + index):27017\"\(index == 1 ? labels : "")}"
                }
                try tool.write(
                    """
                    name: \(name)
                    members:
                    \(members.joined(separator: "\n"))
                    runtime:
                      docker:
                        image: \(DockerEngine.image)
                        prefix: \(name)-
                        network: {name: \(name)-network, subnet: 172.22.1.0/24}
                        cacheSizeMB: 256
                        oplogSizeMB: 64
                    """,
                    to: "replicaset.yaml"
                )
            }
        }

        @Test(
            "A set that an exported file brought up is initiated, survives Compose, is adopted, and stays Compose's own"
        )
        func wholeLife() async throws {
            try await Project.with { project in
                try project.writeSpec()
                let exported = try await project.rkctl("compose", "export", "--output", "docker-compose.yml", "--json")
                #expect((try exported.json()["remarks"] as? [String])?.contains { $0.contains("memory") } == false)
                let again = try await project.tool.run(
                    ["compose", "export", "--output", "docker-compose.yml"],
                    environment: project.environment
                )
                #expect(again.status == 2 && again.error.contains("--force"))

                // Compose makes the containers, rkctl the set.
                try await project.compose("up", "-d")
                try await project.rkctl("up")
                try await project.rkctl("check-write")
                #expect(try await project.docker("inspect", "\(project.name)-m1").contains("\"Healthcheck\""))

                // A host-side stop and up, as the runbook has them: every server ends by itself, and the set comes back.
                try await project.compose("stop")
                for member in ["m1", "m2", "m3"] {
                    let exit = try await project.docker(
                        "inspect",
                        "-f",
                        "{{.State.ExitCode}}",
                        "\(project.name)-\(member)"
                    )
                    #expect(exit == "0\n", "\(member): \(exit)")
                }
                try await project.compose("up", "-d")
                try await project.rkctl("start")
                try await project.rkctl("check-write")

                try await adopted(by: project)
                try await project.compose("down", "--volumes")
            }
        }

        /// The set in another directory, without anything of the first but the password.
        private func adopted(by project: Project) async throws {
            let started = try await startTimes(of: project)
            try await Tool.with { other in
                func rkctl(_ arguments: String...) async throws -> Tool.Result {
                    let result = try await other.run(arguments, environment: project.environment)
                    #expect(result.status == 0, "\(arguments): \(result.output)\(result.error)")
                    return result
                }
                let adopted = try await rkctl("compose", "adopt", "--project", project.name, "--json")
                let remarks = try #require(try adopted.json()["remarks"] as? [String])
                #expect(remarks.count == 1 && remarks.first?.contains("secrets/admin-password") == true, "\(remarks)")
                #expect(try await startTimes(of: project) == started)
                let refused = try await other.run(["compose", "adopt"], environment: project.environment)
                #expect(refused.status == 2 && refused.error.contains("--force"))
                let ours = project.tool.directory, theirs = other.directory
                #expect(
                    try String(contentsOf: ours.appending(path: "secrets/keyfile"), encoding: .utf8)
                        == String(contentsOf: theirs.appending(path: "secrets/keyfile"), encoding: .utf8)
                )
                try FileManager.default.copyItem(
                    at: ours.appending(path: "secrets/admin-password"),
                    to: theirs.appending(path: "secrets/admin-password")
                )

                // The spec is of the set as it is: there is nothing to do, and every command works.
                #expect(try await rkctl("up", "--json").json()["changed"] as? Bool == false)
                #expect(try await rkctl("status").output.contains("172.22.1.12:27017"))
                _ = try await rkctl("stop")
                _ = try await rkctl("start")
                _ = try await rkctl("check-write")

                // Its container gone, a member is made again by rkctl, and Compose takes it for its own.
                _ = try await rkctl("stop", "m2")
                try await project.docker("rm", "\(project.name)-m2")
                _ = try await rkctl("up")
                let made = try await startTimes(of: project)
                let listed = try await project.compose("ps", "--services", "--filter", "status=running")
                #expect(Set(listed.split(separator: "\n")) == ["m1", "m2", "m3"])
                #expect(try await project.compose("ps").contains("\(project.name)-m2"))
                let up = try await project.compose("up", "-d")
                #expect(up.components(separatedBy: "is up-to-date").count == 4, "\(up)")
                #expect(try await startTimes(of: project) == made)
                _ = try await rkctl("check-write")
                let aliases = try await project.docker(
                    "inspect",
                    "-f",
                    "{{json (index .NetworkSettings.Networks \"\(project.name)-network\").Aliases}}",
                    "\(project.name)-m2"
                )
                #expect(aliases.contains("\"m2\""))

                // And through Compose's own stop and up.
                try await project.compose("stop")
                try await project.compose("up", "-d")
                _ = try await rkctl("start")
                _ = try await rkctl("check-write")
            }
        }

        private func startTimes(of project: Project) async throws -> String {
            try await project.docker(
                "inspect",
                "-f",
                "{{.Id}} {{.State.StartedAt}}",
                "\(project.name)-m1",
                "\(project.name)-m2",
                "\(project.name)-m3"
            )
        }

        /// What somebody wrote without ReplicaKit: names of their own, and servers that read a configuration file.
        private func writeForeignFile(in project: Project) throws {
            let services = [("primary", 10), ("secondary", 11)].map { name, address in
                """
                  \(name):
                    image: \(DockerEngine.image)
                    container_name: \(project.name)-db-\(name)
                    command: mongod --config /etc/mongod.conf
                    networks: {storage: {ipv4_address: 172.22.1.\(address)}}
                    volumes:
                      - \(name)_data:/data/db
                      - ./mongod.conf:/etc/mongod.conf:ro
                      - ./secrets/keyfile:/etc/key:ro
                """
            }
            try project.tool.write(
                """
                version: "2.4"
                services:
                \(services.joined(separator: "\n"))
                networks:
                  storage: {name: \(project.name)-storage, ipam: {config: [{subnet: 172.22.1.0/24}]}}
                volumes: {primary_data: {}, secondary_data: {}}
                """,
                to: "docker-compose.yml"
            )
            try project.tool.write(
                """
                net: {port: 27017, bindIpAll: true}
                replication: {replSetName: \(project.name), oplogSizeMB: 64}
                security: {keyFile: /etc/key}
                storage: {wiredTiger: {engineConfig: {cacheSizeGB: 0.25}}}
                """,
                to: "mongod.conf"
            )
            let members = [("primary", 10), ("secondary", 11)].map { name, address in
                "  - {name: \(name), host: \"172.22.1.\(address):27017\", docker: {container: \(project.name)-db-\(name), "
                    + "volume: \(project.name)_\(name)_data}}"
            }
            try project.tool.write(
                """
                name: \(project.name)
                members:
                \(members.joined(separator: "\n"))
                runtime: {docker: {image: "\(DockerEngine.image)", network: {name: \(project.name)-storage, subnet: 172.22.1.0/24}}}
                """,
                to: "replicaset.yaml"
            )
        }

        @Test("A set of somebody else's Compose file is adopted by its administrator, and stays Compose's own")
        func foreign() async throws {
            try await Project.with { project in
                try writeForeignFile(in: project)
                let secrets = project.tool.directory.appending(path: "secrets")
                try SecretStore(baseDirectory: secrets.path)
                    .keepKeyFile(Secret(String(repeating: "k3y0", count: 100)), at: "keyfile")
                try await project.compose("up", "-d")
                // The set is made by a spec that names the containers, in place of whoever typed it once.
                try await project.rkctl("up")
                try await Tool.with { other in
                    func adopt(_ arguments: String...) async throws -> Tool.Result {
                        try await other.run(
                            ["compose", "adopt", "--project", project.name] + arguments,
                            environment: project.environment
                        )
                    }
                    // No command line tells where the keyfile is, so nobody lets us in.
                    let stranger = try await adopt()
                    #expect(
                        stranger.status == 1 && stranger.error.contains("--admin-password-file"),
                        "\(stranger.error)"
                    )
                    let password = secrets.appending(path: "admin-password").path
                    let adopted = try await adopt("--admin-user", "admin", "--admin-password-file", password)
                    #expect(adopted.status == 0, "\(adopted.error)")
                    #expect(adopted.error.contains("put a copy of the set's keyfile at secrets/keyfile"))
                    #expect(adopted.error.contains("reads a configuration file"))
                    #expect(!adopted.error.contains("administrator's password"))
                    try FileManager.default.createDirectory(
                        at: other.directory.appending(path: "secrets"),
                        withIntermediateDirectories: false
                    )
                    try FileManager.default.copyItem(
                        at: secrets.appending(path: "keyfile"),
                        to: other.directory.appending(path: "secrets/keyfile")
                    )
                    func rkctl(_ arguments: String...) async throws -> Tool.Result {
                        let result = try await other.run(arguments, environment: project.environment)
                        #expect(result.status == 0, "\(arguments): \(result.output)\(result.error)")
                        return result
                    }
                    #expect(try await rkctl("up", "--json").json()["changed"] as? Bool == false)
                    #expect(try await rkctl("status").output.contains("secondary"))
                    // Made again, with another command and a keyfile inside, it is still Compose's.
                    _ = try await rkctl("stop", "--emergency", "--yes", "secondary")
                    try await project.docker("rm", "\(project.name)-db-secondary")
                    _ = try await rkctl("up")
                    _ = try await rkctl("check-write")
                    let up = try await project.compose("up", "-d")
                    #expect(up.components(separatedBy: "is up-to-date").count == 3, "\(up)")
                }
                try await project.compose("down", "--volumes")
            }
        }

        @Test("Whatever is in a label comes out of Compose as it went in")
        func hostileLabels() async throws {
            try await Project.with { project in
                let text = "$HOME ${x} $$ \"'\\ : # {} é yes\n- *a &b !c %d"
                let values: BSONDocument = ["a": .string(text), "b": "0777", "c": "yes", "d": "1:30"]
                let label = try values.extendedJSON()
                try project.writeSpec(labels: ", docker: {labels: \(label)}")
                try await project.rkctl("compose", "export", "--output", "docker-compose.yml")
                try await project.compose("up", "--no-start")
                let seen = try await project.docker("inspect", "-f", "{{json .Config.Labels}}", "\(project.name)-m1")
                let labels = try JSONDecoder().decode([String: String].self, from: Data(seen.utf8))
                #expect(labels["a"] == text && labels["b"] == "0777" && labels["c"] == "yes" && labels["d"] == "1:30")
                try await project.compose("down", "--volumes")
            }
        }

        @Test("What is down is removed by either, and what Compose made is Compose's to take away")
        func down() async throws {
            try await Project.with { project in
                try project.writeSpec()
                try await project.rkctl("compose", "export", "--output", "docker-compose.yml")
                try await project.compose("up", "-d")
                try await project.rkctl("up")
                try await project.rkctl("down", "--volumes", "--yes")
                // Containers and volumes carry the set's labels; the network is Compose's.
                let left = try await project.leftovers()
                #expect(
                    left == (try await project.docker("network", "ls", "--quiet", "--filter", "name=\(project.name)"))
                )
                #expect(left != "")
                try await project.compose("down", "--volumes")
            }
        }

        @Test("The file is YAML with the same values, for stdout too, and the same each time")
        func yaml() async throws {
            try await Project.with { project in
                try project.writeSpec()
                let text = try await project.rkctl("compose", "export").output
                #expect(try await project.rkctl("compose", "export").output == text)
                let root = try #require(try Yams.compose(yaml: text))
                let service = try #require(root["services"]?["m2"])
                #expect(service["container_name"]?.string == "\(project.name)-m2")
                #expect(service["stop_grace_period"]?.string == "60s")
                #expect(service["networks"]?["\(project.name)-network"]?["ipv4_address"]?.string == "172.22.1.11")
                #expect(service["command"]?.sequence?.compactMap(\.string).contains("--keyFile") == true)
                #expect(
                    root["version"] == nil && root["volumes"]?["m2-data"]?["name"]?.string == "\(project.name)-m2-data"
                )
                #expect(
                    !text.contains(
                        try String(
                            contentsOf: project.tool.directory.appending(path: "secrets/keyfile"),
                            encoding: .utf8
                        )
                        .prefix(40)
                    )
                )
            }
        }

        @Test("Where there is no set to adopt it is said, and nothing is written")
        func nothing() async throws {
            try await Project.with { project in
                func adopt(_ arguments: String...) async throws -> Tool.Result {
                    try await project.tool.run(["compose", "adopt"] + arguments, environment: project.environment)
                }
                #expect(try await adopt("--project", project.name).error.contains("no container of a Compose project"))
                #expect(try await adopt("--container", "rk-none").error.contains("there is no container rk-none"))
                #expect(try await adopt("--project", "a", "--container", "b").status == 64)
                #expect(try await adopt("--admin-user", "a").status == 64)
                #expect(
                    !FileManager.default.fileExists(
                        atPath: project.tool.directory.appending(path: "replicaset.yaml").path
                    )
                )
                // Servers that nobody initiated are no set.
                try project.writeSpec()
                try await project.rkctl("compose", "export", "--output", "docker-compose.yml")
                try await project.compose("up", "-d", "m1")
                let listens: Bool? = try await ContinuousClock().poll(for: .seconds(60), every: .milliseconds(100)) {
                    try await project.docker("logs", "\(project.name)-m1").contains("Waiting for connections")
                        ? true : nil
                }
                #expect(listens == true)
                let none = try await adopt("--project", project.name, "--output", "other.yaml")
                #expect(none.status == 2 && none.error.contains("never initiated"), "\(none.error)")
                try await project.compose("down", "--volumes")
            }
        }
    }
}
