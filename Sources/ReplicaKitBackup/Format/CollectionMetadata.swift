import ReplicaKit

/// A collection's metadata file: canonical Extended JSON, as `mongodump` writes it and `mongorestore` reads it.
struct CollectionMetadata: Sendable, Hashable {
    var options: BSONDocument
    var indexes: [BSONDocument]
    /// Of a time series, which other tools do not ask for.
    var bucketIndexes: [BSONDocument]
    var uuid: String?
    var collectionName: String
    var kind: CollectionKind

    init(_ entry: SourceCatalogue.Entry) {
        options = entry.options
        indexes = entry.indexes
        bucketIndexes = entry.bucketIndexes
        uuid = entry.uuid.map(Hexadecimal.text)
        collectionName = entry.namespace.collection
        kind = entry.kind
    }

    /// Reads what a metadata file says.
    init(_ document: BSONDocument) {
        func specs(_ key: String) -> [BSONDocument] {
            (document[key]?.arrayValue ?? BSONArray()).compactMap(\.documentValue)
        }
        options = document["options"]?.documentValue ?? [:]
        indexes = specs("indexes")
        bucketIndexes = specs("bucketIndexes")
        uuid = document["uuid"]?.stringValue
        collectionName = document["collectionName"]?.stringValue ?? ""
        kind =
            document["type"]?.stringValue.flatMap(CollectionKind.init)
            ?? (options.contains("viewOn") ? .view : .collection)
    }

    var document: BSONDocument {
        var document: BSONDocument = [
            "options": .document(options),
            "indexes": .array(BSONArray(indexes.map(BSONValue.document))),
        ]
        if let uuid { document.append("uuid", .string(uuid)) }
        document.append("collectionName", .string(collectionName))
        document.append("type", .string(kind.rawValue))
        if !bucketIndexes.isEmpty {
            document.append("bucketIndexes", .array(BSONArray(bucketIndexes.map(BSONValue.document))))
        }
        return document
    }
}
