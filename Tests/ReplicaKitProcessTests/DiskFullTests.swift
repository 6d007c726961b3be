import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

@Suite("A full disk", .smallFileSystem)
struct DiskFullTests {
    private func host(_ disk: SmallFileSystem, _ members: RealMembers) throws -> LocalProcessHost {
        try LocalProcessHost(spec: members.spec, baseDirectory: disk.path, logger: .silent)
    }

    @Test("creating a member where nothing fits leaves no half file", .realServers())
    func creation() async throws {
        try await SmallFileSystem.with(megabytes: 1) { disk in
            try await RealMembers.with(started: false) { members in
                let host = try host(disk, members)
                try disk.fill()
                _ = try await failure(.diskFull) { try await host.create("a", keyFile: members.keyFile) }
                disk.empty()
                try await host.create("a", keyFile: members.keyFile)
                let names = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/data/a").sorted()
                #expect(names == ["db", "keyfile", "member.json", "mongod.conf"])
            }
        }
    }

    @Test("a new member is not started on a disk that is too small for one", .realServers())
    func tooSmall() async throws {
        try await SmallFileSystem.with(megabytes: 100) { disk in
            try await RealMembers.with(started: false) { members in
                let host = try host(disk, members)
                try await host.create("a", keyFile: members.keyFile)
                let error = try await failure(.diskFull) { try await host.start("a") }
                #expect(error.message.contains("500 MiB"))
                #expect(try await host.state(of: "a") == .stopped(.unseen))
            }
        }
    }

    @Test("a member whose disk is full says so, and starts when there is room again", .realServers())
    func fullLater() async throws {
        try await SmallFileSystem.with(megabytes: 700) { disk in
            try await RealMembers.with(started: false) { members in
                let host = try host(disk, members)
                do {
                    try await host.create("a", keyFile: members.keyFile)
                    try await host.start("a")
                    #expect(try await host.stop("a", grace: .seconds(30)) == .clean)
                    try disk.fill()
                    let error = try await failure(.diskFull) { try await host.start("a") }
                    #expect(error.message.contains("0 KiB are free"), "\(error)")
                    disk.empty()
                    try await host.start("a")
                } catch {
                    _ = try? await host.stop("a", grace: .zero)
                    throw error
                }
                _ = try await host.stop("a", grace: .zero)
            }
        }
    }
}
