import ReplicaKit
import Testing

@testable import ReplicaKitBackup

@Suite struct RestoreItemTests {
    private func item(_ database: String, _ collection: String) -> RestoreItem {
        let name = Namespace(database: database, collection: collection)
        let metadata = CollectionMetadata(["collectionName": .string(collection)])
        return RestoreItem(source: name, target: name, metadata: metadata, documents: 0, bytes: 0, read: nil)
    }

    @Test func aBackupOfUsersSpeaksOfRolesToo() {
        let (orders, users, roles) = (
            item("shop", "orders"), item("admin", "system.users"), item("admin", "system.roles")
        )
        func names(_ items: [RestoreItem]) -> [String] { RestoreItem.users(of: items).map(\.source.collection) }
        #expect(names([orders, users]) == ["system.users", "system.roles"])
        #expect(names([roles, orders, users]) == ["system.roles", "system.users"])
        // One without users, such as a dump of a single database, speaks of neither.
        #expect(names([orders]) == [])
    }
}
