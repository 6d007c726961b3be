import ReplicaKit
import ReplicaKitBackup
import Testing

@Suite struct NamespaceSelectionTests {
    private func selection(
        _ includes: [String] = [],
        _ excludes: [String] = [],
        _ renames: [(String, String)] = []
    ) throws -> NamespaceSelection {
        NamespaceSelection(
            includes: try includes.map { try .init($0) },
            excludes: try excludes.map { try .init($0) },
            renames: try renames.map { try .init(from: .init($0.0), to: .init($0.1)) }
        )
    }

    private func target(_ selection: NamespaceSelection, _ database: String, _ collection: String) -> String? {
        selection.target(of: Namespace(database: database, collection: collection))?.description
    }

    @Test func takesEverythingUnlessTold() throws {
        #expect(target(try selection(), "shop", "a.b") == "shop.a.b")
    }

    @Test func includesAndExcludes() throws {
        let selection = try selection(["shop", "crm.*", "hr.people"], ["shop.carts"])
        #expect(target(selection, "shop", "orders") == "shop.orders")
        #expect(target(selection, "crm", "x") == "crm.x")
        #expect(target(selection, "hr", "people") == "hr.people")
        #expect(target(selection, "hr", "people.old") == nil)
        #expect(target(selection, "shop", "carts") == nil)
        #expect(target(selection, "shops", "orders") == nil)
    }

    @Test func renamesAndFollowsTimeSeriesByTheirName() throws {
        let selection = try selection(
            ["shop", "w.rain"],
            ["shop.carts"],
            [("shop.orders", "shop.orders_old"), ("shop", "restored"), ("w.rain", "w.snow")]
        )
        #expect(target(selection, "shop", "orders") == "shop.orders_old")
        #expect(target(selection, "shop", "x") == "restored.x")
        #expect(target(selection, "w", "system.buckets.rain") == "w.system.buckets.snow")
        #expect(target(selection, "w", "system.buckets.hail") == nil)
        #expect(target(selection, "shop", "system.buckets.carts") == nil)
    }

    @Test(arguments: ["", ".", "shop.", ".orders", "sh op", "*", "*.orders", "shop.or*", "a/b", "shop.a\0"])
    func refusesWhatNamesNothing(text: String) {
        #expect(throws: ReplicaKitError.self) { _ = try NamespaceSelection.Pattern(text) }
    }

    @Test func refusesToRenameADatabaseToACollection() throws {
        #expect(throws: ReplicaKitError.self) {
            _ = try NamespaceSelection.Rename(from: .init("shop"), to: .init("shop.orders"))
        }
    }
}
