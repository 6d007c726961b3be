import Foundation
import Testing

@testable import ReplicaKit

/// Waiting for members of which the primary does not hear.
@Suite struct WaitingTests {
    /// Sees no process of any member.
    private struct EndedHost: MemberHost {
        let restartsEndedMembers: Bool
        var kind: String { "ended" }

        func state(of member: MemberName) async throws -> MemberProcessState { .stopped(.signal(9)) }
        func start(_ member: MemberName) async throws {}
        func stop(_ member: MemberName, grace: Duration) async throws -> MemberExit { .signal(9) }
        func waitForExit(of member: MemberName, timeout: Duration) async throws -> MemberExit? { .signal(9) }
        func log(
            of member: MemberName,
            lastLines: Int,
            follow: Bool
        ) async throws -> AsyncThrowingStream<String, any Error> {
            AsyncThrowingStream { continuation in continuation.finish() }
        }
    }

    /// What comes of waiting for `b`, which serves, and `c`, which the primary takes for down.
    private func failure(restarts: Bool = false, answers: Bool = false) async throws -> ReplicaKitError? {
        let directory = FileManager.default.temporaryDirectory.appending(path: "rk-waiting-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        var members = FakeMember.healthySet
        members[0].sees[2] = .down
        if !answers { members[2].behaviour = .refuses }
        let spec = ReplicaSetSpec.of(members)
        let secrets = SecretStore(baseDirectory: directory.path)
        _ = try secrets.readOrCreateKeyFile(spec.security.keyFile)
        let performer = StepPerformer(
            spec: spec,
            toolbox: Toolbox(
                driver: FakeDriver(set: FakeSet(members)),
                host: EndedHost(restartsEndedMembers: restarts)
            ),
            secrets: secrets,
            limits: StepLimits(sync: .milliseconds(200))
        )
        do {
            _ = try await performer.awaitMembers(["b", "c"]) { _ in }
            return nil
        } catch let error as ReplicaKitError {
            return error
        }
    }

    @Test func whoHasEndedIsNotWaitedFor() async throws {
        let error = try #require(try await failure())
        #expect(error.code == .memberNotRunning)
        #expect(error.member == Shapes.address(2))
        #expect(error.hint?.contains("rkctl start c") == true)
    }

    @Test func whoIsStartedAgainByItsHostIsWaitedFor() async throws {
        #expect(try await failure(restarts: true)?.code == .stepTimedOut)
    }

    @Test func whoAnswersHasNotEndedWhateverTheHostFinds() async throws {
        #expect(try await failure(answers: true)?.code == .stepTimedOut)
    }
}
