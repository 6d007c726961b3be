import ReplicaKit

/// What a command in the oplog does, as far as a replay must know.
enum OplogCommand: Sendable {
    case create(Namespace, options: BSONDocument)
    case drop(Namespace)
    case dropDatabase(String)
    case rename(Namespace, to: Namespace, dropsTarget: Bool)
    /// `options` is the whole command.
    case collMod(Namespace, options: BSONDocument)
    case addIndexes(Namespace, [BSONDocument])
    case dropIndexes(Namespace, BSONValue)
    case emptyCapped(Namespace)
    case applyOps(BSONDocument)
    case commitTransaction
    case abortTransaction
    /// What leaves nothing behind: index builds that begin or fail.
    case nothing
    /// What this library does not know, or cannot do on another set.
    case unknown(String)

    /// Reads the command of an operation.
    ///
    /// - Throws: ``BSONError`` when a field that the command must have is missing.
    init(_ operation: OplogOperation) throws(BSONError) {
        let document = try operation.objectDocument()
        var reader = document.reader()
        guard let first = try reader.next() else {
            throw BSONError(.invalidValue, "A command of the oplog is empty.")
        }
        let database = operation.database
        let argument = try first.value()
        func namespace() throws(BSONError) -> Namespace {
            guard let collection = argument.stringValue, !collection.isEmpty else {
                throw BSONError(.invalidValue, "A command of the oplog names no collection.", keyPath: [first.key])
            }
            return Namespace(database: database, collection: collection)
        }
        switch first.key {
        case "create": self = .create(try namespace(), options: document)
        case "drop": self = .drop(try namespace())
        case "dropDatabase": self = .dropDatabase(database)
        case "renameCollection":
            guard let from = argument.stringValue.flatMap(Namespace.init(oplog:)),
                let to = document["to"]?.stringValue.flatMap(Namespace.init(oplog:))
            else { throw BSONError(.invalidValue, "A renameCollection of the oplog lacks a name.") }
            self = .rename(from, to: to, dropsTarget: document["dropTarget"]?.isTruthy ?? false)
        case "collMod": self = .collMod(try namespace(), options: document)
        case "createIndexes": self = .addIndexes(try namespace(), [document.removing("createIndexes")])
        case "commitIndexBuild":
            guard let list = document["indexes"]?.arrayValue else {
                throw BSONError(.invalidValue, "A commitIndexBuild of the oplog lacks its indexes.")
            }
            self = .addIndexes(try namespace(), list.compactMap(\.documentValue))
        case "dropIndexes", "dropIndex", "deleteIndexes", "deleteIndex":
            self = .dropIndexes(try namespace(), document["index"] ?? .null)
        case "emptycapped": self = .emptyCapped(try namespace())
        case "startIndexBuild", "abortIndexBuild": self = .nothing
        case "applyOps": self = .applyOps(document)
        case "commitTransaction": self = .commitTransaction
        case "abortTransaction": self = .abortTransaction
        default: self = .unknown(first.key)
        }
    }
}
