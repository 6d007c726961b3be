import Foundation
import Glibc
import ReplicaKit
import TestSupport
import Testing

extension Containers {
    /// A cut between a container and others, in the container's own network namespace.
    struct Cut: Sendable {
        fileprivate let process: String

        /// Lets everything through again.
        func mend() async throws {
            for chain in ["INPUT", "OUTPUT"] { try await rule("--flush", chain) }
        }

        fileprivate func rule(_ words: String...) async throws {
            try await Command.run(["nsenter", "--net", "--target", process, "iptables", "--wait"] + words)
        }
    }

    /// Drops every packet between a member and these addresses, without a word, as a broken network does. It ends with
    /// the container, if nobody mends it.
    func cut(_ member: MemberSpec, from others: [MemberAddress]) async throws -> Cut {
        let pid = try await docker("inspect", member, "--format", "{{.State.Pid}}")
        let cut = Cut(process: pid.trimmingCharacters(in: .whitespacesAndNewlines))
        for other in others {
            try await cut.rule("--append", "INPUT", "--source", other.host, "--jump", "DROP")
            try await cut.rule("--append", "OUTPUT", "--destination", other.host, "--jump", "DROP")
        }
        return cut
    }

    /// Runs a docker command about a member's container.
    @discardableResult
    func docker(_ command: String, _ member: MemberSpec, _ arguments: String...) async throws -> String {
        let words = ["docker", "--host", try DockerEngine.required(), command, try runtime.container(of: member)]
        return try await Command.run(words + arguments)
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, for users who may not change the network of a container.
    static var cutNetworks: Self {
        .enabled(if: getuid() == 0, "only root may cut the network of a container")
    }
}
