import ReplicaKit
import Testing

@Suite("Containers in a spec")
struct DockerSpecTests {
    private static func spec(_ edit: (inout ReplicaSetSpec, inout DockerRuntime) -> Void = { _, _ in })
        -> ReplicaSetSpec
    {
        var runtime = DockerRuntime(
            prefix: "simplepro-",
            network: DockerNetwork(name: "storage-network", subnet: "172.22.0.0/24")
        )
        var spec = ReplicaSetSpec(
            name: "simplepro-rs",
            members: [10, 11, 12].map {
                MemberSpec(
                    name: MemberName(rawValue: "m\($0)"),
                    host: MemberAddress(host: "172.22.0.\($0)", port: 27017)
                )
            }
        )
        edit(&spec, &runtime)
        spec.runtime = .docker(runtime)
        return spec
    }

    @Test("The runbook's deployment is good, and names what it makes")
    func runbook() throws {
        let spec = Self.spec()
        #expect(spec.problems().isEmpty)
        guard case .docker(let runtime) = spec.runtime else {
            Issue.record("the spec is not of containers")
            return
        }
        #expect(runtime.container(of: spec.members[0]) == "simplepro-m10")
        #expect(runtime.volume(of: spec.members[0]) == "simplepro-m10-data")
        #expect(runtime.image == "mongo:7.0")
    }

    @Test("A name stands for an address that the engine gives")
    func names() {
        let spec = Self.spec { spec, _ in spec.members[0].host = MemberAddress(host: "db1", port: 27017) }
        #expect(spec.problems().isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        let edit: @Sendable (inout ReplicaSetSpec, inout DockerRuntime) -> Void
    }

    @Test("What an engine should never see is refused", arguments: cases)
    func refused(testCase: Case) {
        let problems = Self.spec(testCase.edit).problems()
        #expect(problems.contains { $0.path.joined(separator: ".") == testCase.path }, "\(problems)")
    }

    private static let cases: [Case] = [
        Case(testDescription: "a prefix with a slash", path: "runtime.docker.prefix") { $1.prefix = "a/b" },
        Case(testDescription: "a prefix for a shell", path: "runtime.docker.prefix") { $1.prefix = "x;rm -rf /" },
        Case(testDescription: "an image for a shell", path: "runtime.docker.image") { $1.image = "mongo:7.0 $(id)" },
        Case(testDescription: "an image that is a path", path: "runtime.docker.image") { $1.image = "../etc/passwd" },
        Case(testDescription: "no image", path: "runtime.docker.image") { $1.image = "" },
        Case(testDescription: "the host's network", path: "runtime.docker.network.name") { $1.network.name = "host" },
        Case(testDescription: "no subnet", path: "members.0.host") { $1.network.subnet = nil },
        Case(testDescription: "a subnet of IPv6", path: "runtime.docker.network.subnet") {
            $1.network.subnet = "fd00::/64"
        },
        Case(testDescription: "an address inside a subnet", path: "runtime.docker.network.subnet") {
            $1.network.subnet = "172.22.0.1/24"
        },
        Case(testDescription: "an address of another subnet", path: "members.0.host") {
            $1.network.subnet = "10.1.0.0/16"
            $0.members[1].host = MemberAddress(host: "10.1.0.11", port: 27017)
        },
        Case(testDescription: "the gateway's address", path: "members.0.host") { spec, _ in
            spec.members[0].host = MemberAddress(host: "172.22.0.1", port: 27017)
        },
        Case(testDescription: "the loopback", path: "members.0.host") { spec, _ in
            spec.members[0].host = MemberAddress(host: "127.0.0.1", port: 27017)
        },
        Case(testDescription: "an unknown endpoint", path: "runtime.docker.endpoint") { $1.endpoint = "docker" },
        Case(testDescription: "a container twice", path: "members.1.docker.container") { spec, _ in
            spec.members[1].docker.container = "simplepro-m10"
        },
        Case(testDescription: "a volume with a slash", path: "members.0.docker.volume") { spec, _ in
            spec.members[0].docker.volume = "/etc"
        },
    ]

    @Test("Subnets know what they overlap with")
    func subnets() throws {
        let subnet = try #require(IPv4Subnet("172.22.0.0/24"))
        #expect(subnet.overlaps(try #require(IPv4Subnet("172.16.0.0/12"))))
        #expect(!subnet.overlaps(try #require(IPv4Subnet("172.22.1.0/24"))))
        for text in ["172.22.0.0", "172.22.0.0/33", "172.22.0/24", "172.22.0.0/024", "01.2.3.0/24", "a/24"] {
            #expect(IPv4Subnet(text) == nil, "\(text)")
        }
    }
}
