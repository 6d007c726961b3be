import ReplicaKit
import Testing

@testable import ReplicaKitBackup

@Suite struct IndexCatalogueTests {
    private let orders = Namespace(database: "shop", collection: "orders")
    private let carts = Namespace(database: "shop", collection: "carts")
    private static let id: BSONDocument = ["v": 2, "key": ["_id": 1], "name": "_id_"]

    private static func index(_ field: String) -> BSONDocument {
        ["v": 2, "key": .document([field: 1]), "name": .string("\(field)_1")]
    }

    /// A catalogue after commands of the oplog in database `shop`.
    private func after(_ commands: [BSONDocument], in database: String = "shop") throws -> IndexCatalogue {
        var catalogue = IndexCatalogue([
            orders: .init(indexes: [Self.id, Self.index("a"), Self.index("b")]),
            carts: .init(indexes: [Self.id, Self.index("c")]),
        ])
        for command in commands {
            let operation = try OplogOperation(["op": "c", "ns": .string("\(database).$cmd"), "o": .document(command)])
            catalogue.apply(try OplogCommand(operation))
        }
        return catalogue
    }

    private func names(_ catalogue: IndexCatalogue, _ namespace: Namespace) -> [String]? {
        catalogue[namespace]?.indexes.compactMap { $0["name"]?.stringValue }
    }

    @Test func followsBuildsAndDrops() throws {
        let list = BSONArray([.document(Self.index("x")), .document(Self.index("y"))])
        let catalogue = try after([
            ["startIndexBuild": "orders", "indexes": .array(list)],
            ["commitIndexBuild": "orders", "indexes": .array(list)],
            ["abortIndexBuild": "carts", "indexes": .array(list)],
            ["createIndexes": "orders", "v": 2, "key": ["z": 1], "name": "z_1"],
            ["dropIndexes": "orders", "index": "a_1"],
        ])
        #expect(names(catalogue, orders) == ["_id_", "b_1", "x_1", "y_1", "z_1"])
        #expect(names(catalogue, carts) == ["_id_", "c_1"])
        #expect(catalogue[orders]?.indexes.last == ["v": 2, "key": ["z": 1], "name": "z_1"])
    }

    static let drops: [(BSONValue, [String])] = [
        ("*", ["_id_"]), (["a_1", "b_1"], ["_id_"]), (["b": 1], ["_id_", "a_1"]), ("_id_", ["_id_", "a_1", "b_1"]),
        ("none", ["_id_", "a_1", "b_1"]),
    ]

    @Test(arguments: drops)
    func dropsByEveryName(which: BSONValue, left: [String]) throws {
        #expect(names(try after([["dropIndexes": "orders", "index": which]]), orders) == left)
    }

    @Test func movesWithRenamesAndGoesWithDrops() throws {
        let moved = try after([["renameCollection": "shop.orders", "to": "shop.carts", "dropTarget": true]])
        #expect(moved[orders] == nil)
        #expect(names(moved, carts) == ["_id_", "a_1", "b_1"])
        #expect(try after([["drop": "orders"]]).collections.keys.sorted { $0.collection < $1.collection } == [carts])
        #expect(try after([["dropDatabase": 1]]).collections.isEmpty)
        #expect(try after([["dropDatabase": 1]], in: "other").collections.count == 2)
    }

    @Test func startsAnewWithCreate() throws {
        let created = try after([
            [
                "create": "orders", "capped": true, "collation": ["locale": "fr"],
                "idIndex": .document(Self.id),
            ]
        ])
        #expect(created[orders] == .init(indexes: [Self.id], collation: ["locale": "fr"], isCapped: true))
    }

    @Test func followsCollMod() throws {
        let catalogue = try after([
            ["collMod": "orders", "index": ["name": "a_1", "expireAfterSeconds": 5]],
            ["collMod": "orders", "index": ["keyPattern": ["b": 1], "hidden": true]],
            ["collMod": "carts", "index": ["name": "c_1", "prepareUnique": true]],
            ["collMod": "carts", "index": ["name": "c_1", "unique": true]],
        ])
        #expect(catalogue[orders]?.indexes[1]["expireAfterSeconds"] == 5)
        #expect(catalogue[orders]?.indexes[2]["hidden"] == true)
        #expect(catalogue[carts]?.indexes[1] == Self.index("c").setting(true, for: "unique"))
        let shown = try after([
            ["collMod": "orders", "index": ["name": "b_1", "hidden": true]],
            ["collMod": "orders", "index": ["name": "b_1", "hidden": false]],
        ])
        #expect(shown[orders]?.indexes[2] == Self.index("b"))
    }

    @Test func givesTheSimpleCollationByName() {
        let folded = IndexCatalogue.Collection(
            indexes: [Self.id, Self.index("a"), Self.index("b").setting(["locale": "en"], for: "collation")],
            collation: ["locale": "en"]
        )
        #expect(folded.specsToBuild.map { $0["collation"] } == [["locale": "simple"], ["locale": "en"]])
        #expect(IndexCatalogue.Collection(indexes: [Self.id, Self.index("a")]).specsToBuild == [Self.index("a")])
    }

    /// A restored time series without a secondary index, after a command of the oplog, which names its buckets.
    private func series(after command: BSONDocument) throws -> [Namespace: [BSONDocument]] {
        let metadata = CollectionMetadata([
            "options": ["timeseries": ["timeField": "t"]], "indexes": [], "collectionName": "weather",
            "type": "timeseries",
        ])
        let source = Namespace(database: "shop", collection: "weather")
        let item = RestoreItem(source: source, target: source, metadata: metadata, documents: 0, bytes: 0, read: nil)
        var catalogue = IndexCatalogue(of: [item])
        catalogue.apply(
            try OplogCommand(try OplogOperation(["op": "c", "ns": "shop.$cmd", "o": .document(command)]))
        )
        return catalogue.collections.mapValues(\.specsToBuild)
    }

    @Test func followsATimeSeriesWithoutIndexes() throws {
        let buckets = Namespace(database: "shop", collection: "system.buckets.weather")
        let index: BSONDocument = ["v": 2, "key": ["control.min.t": 1], "name": "t_1"]
        var command: BSONDocument = ["createIndexes": "system.buckets.weather"]
        for (key, value) in index { command.append(key, value) }
        #expect(try series(after: command) == [buckets: [index]])
        #expect(try series(after: ["drop": "system.buckets.weather"]).isEmpty)
        #expect(try series(after: ["drop": "other"]) == [buckets: []])
    }
}
