import ReplicaKit
import ReplicaKitBackup
import ReplicaKitProcess
import Synchronization
import TestSupport
import Testing

/// Backups while members die, step down and change.
@Suite(.serialized) struct BackupFaultTests {
    /// What a backup reported, and a task that is started once at the first progress.
    private final class Watch: Sendable {
        private let state = Mutex<(lines: [String], hasActed: Bool)>(([], false))
        private let act: @Sendable (MemberName) async throws -> Void
        private let done: AsyncStream<Void>.Continuation
        private let dones: AsyncStream<Void>

        init(_ act: @escaping @Sendable (MemberName) async throws -> Void) {
            self.act = act
            (dones, done) = AsyncStream.makeStream()
        }

        var lines: [String] { state.withLock { $0.lines } }

        @Sendable func receive(_ event: BackupEvent) {
            let reader: MemberName? = state.withLock { state in
                switch event {
                case .note(let text), .phase(let text): state.lines.append(text)
                case .progress(let done, _) where done > 2 << 20 && !state.hasActed:
                    state.hasActed = true
                    let name = state.lines.last { $0.hasPrefix("read from ") }?.dropFirst("read from ".count)
                    return name.map { MemberName(rawValue: String($0)) }
                case .progress, .collection: break
                }
                return nil
            }
            guard let reader else { return }
            Task {
                try? await act(reader)
                done.yield()
            }
        }

        /// Until what was to happen has happened.
        func acted() async {
            for await _ in dones { return }
        }
    }

    private static let load = """
        c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
        for n in range(4):
            c.shop["c%d" % n].insert_many([{"_id": i, "t": str(i) * 60} for i in range(15000)])
        from pymongo import WriteConcern
        c.shop.get_collection("last", write_concern=WriteConcern(3)).insert_one({})
        result = True
        """

    @Test(.realServers())
    func whenTheMemberThatIsReadDiesAnotherGoesOnAtTheSameMoment() async throws {
        try await BackupFixture.with(sourceMembers: 3) { fixture in
            #expect(try await fixture.source.judge(Self.load, as: Bool.self))
            let before = try await BackupFixture.contents(of: fixture.source)
            let host = fixture.source.members.host
            let watch = Watch { _ = try await host.stop($0, grace: .zero) }
            let options = BackupOptions(bytesPerSecond: 8 << 20)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store, options: options)
                .run(watch.receive)
            await watch.acted()
            let told = Comment(rawValue: watch.lines.joined(separator: "\n"))
            #expect(watch.lines.count { $0.hasPrefix("read from ") } == 2, told)
            #expect(watch.lines.contains { $0.contains("was lost") }, told)
            #expect(manifest.mode == .snapshot)
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            _ = try await restorer.run(try await restorer.plan(manifest.id))
            #expect(try await BackupFixture.contents(of: fixture.target) == before, told)
        }
    }

    @Test(.realServers())
    func aSetOfWhichAMemberIsDownIsNotRestoredTo() async throws {
        try await BackupFixture.with(sourceMembers: 3) { fixture in
            let source = fixture.source
            let hasInserted = try await source.judge(
                """
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                c.shop.get_collection("c", write_concern=pymongo.WriteConcern("majority")).insert_one({"x": 1})
                result = True
                """,
                as: Bool.self
            )
            #expect(hasInserted)
            let manifest = try await BackupCreator(set: source.set, store: fixture.store).run()
            let renaming = try NamespaceSelection.Rename(
                from: NamespaceSelection.Pattern("shop"),
                to: NamespaceSelection.Pattern("shop_old")
            )
            let selection = NamespaceSelection(renames: [renaming])
            let restorer = Restorer(set: source.set, store: fixture.store)
            var options = RestoreOptions(selection: selection)
            let before = try await restorer.plan(manifest.id, options)

            let primary = try #require(try await source.set.view().primary)
            let victim = try #require(source.set.spec.members.first { $0.host != primary })
            _ = try await source.members.host.stop(victim.name, grace: .zero)
            // The primary believes in it until a heartbeat fails.
            let refused: ReplicaKitError? = try await ContinuousClock().poll(
                for: .seconds(30),
                every: .milliseconds(200)
            ) {
                do {
                    _ = try await restorer.plan(manifest.id, options)
                    return nil
                } catch let error as ReplicaKitError {
                    return error
                }
            }
            let error = try #require(refused)
            #expect(error.code == .refused && error.message.contains("\(victim.host)"), "\(error)")
            #expect(error.hint?.contains("--allow-unhealthy") == true)
            options.allowsUnhealthySet = true
            let plan = try await restorer.plan(manifest.id, options)
            #expect(plan.collections == before.collections)
            #expect(try await restorer.run(plan).documents == 1)
        }
    }

    @Test(.realServers(), arguments: [BackupManifest.Mode.snapshot, .fuzzy])
    func aStepDownAndDropsMeanwhileChangeNothingOfIt(mode: BackupManifest.Mode) async throws {
        try await BackupFixture.with(sourceMembers: 3) { fixture in
            #expect(try await fixture.source.judge(Self.load, as: Bool.self))
            let source = fixture.source
            let watch = Watch { _ in
                _ = try await source.set.apply(try await source.set.failover())
                _ = try await source.judge(
                    """
                    c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                    c.shop.drop_collection("c3"); c.shop.later.insert_one({"_id": 1}); c.shop.c0.create_index("t")
                    result = True
                    """,
                    as: Bool.self
                )
            }
            let options = BackupOptions(mode: mode, bytesPerSecond: 4 << 20)
            let manifest = try await BackupCreator(set: source.set, store: fixture.store, options: options)
                .run(watch.receive)
            await watch.acted()
            let told = Comment(rawValue: watch.lines.joined(separator: "\n"))
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            _ = try await restorer.run(try await restorer.plan(manifest.id))
            // Either all of the changes are in it, or none, whichever moment it is of.
            let found = try await fixture.target.judge(
                """
                names = m[0].shop.list_collection_names()
                result = [("c3" in names) != ("later" in names), m[0].shop.c0.count_documents({}) == 15000,
                          m[0].shop.c1.count_documents({}) == 15000]
                """,
                as: [Bool].self
            )
            #expect(found == [true, true, true], told)
        }
    }
}
