import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// For which collections of the target a selection speaks: a mirror removes those of them that the backup has not.
@Suite struct MirrorSelectionTests {
    private func covers(
        _ target: (String, String),
        includes: [String] = [],
        excludes: [String] = [],
        renames: [(String, String)] = []
    ) throws -> Bool {
        let selection = NamespaceSelection(
            includes: try includes.map { try .init($0) },
            excludes: try excludes.map { try .init($0) },
            renames: try renames.map { try .init(from: .init($0.0), to: .init($0.1)) }
        )
        return selection.covers(Namespace(database: target.0, collection: target.1))
    }

    @Test func withoutASelectionEverythingIsMeant() throws {
        #expect(try covers(("shop", "orders")))
    }

    @Test func onlyWhatIsIncludedIsMeant() throws {
        #expect(try covers(("shop", "orders"), includes: ["shop.orders"]))
        #expect(try !covers(("shop", "customers"), includes: ["shop.orders"]))
        #expect(try !covers(("shop", "logs"), includes: ["shop"], excludes: ["shop.logs"]))
    }

    @Test func namesOfTheTargetAreTracedBackToTheSource() throws {
        let renames = [("shop", "shop_old")]
        #expect(try covers(("shop_old", "orders"), includes: ["shop.orders"], renames: renames))
        #expect(try !covers(("shop_old", "customers"), includes: ["shop.orders"], renames: renames))
        #expect(try !covers(("shop_old", "logs"), excludes: ["shop.logs"], renames: renames))
        #expect(try covers(("other", "c"), renames: renames))
        // What it is renamed away from is not written to.
        #expect(try !covers(("shop", "orders"), renames: renames))
    }
}
