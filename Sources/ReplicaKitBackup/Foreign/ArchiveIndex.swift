import ReplicaKit

/// Where an archive has what: made by reading all of it once, and checking what can be checked.
struct ArchiveIndex: Sendable {
    /// The ranges of the content that hold a collection's documents.
    private(set) var ranges: [Namespace: [Range<Int>]] = [:]
    private(set) var metadata: [Namespace: CollectionMetadata] = [:]
    private(set) var serverVersion: String?
    private var checksums: [Namespace: CRC64] = [:]
    private var ended: Set<Namespace> = []

    /// The name under which an archive has the oplog.
    static let oplog = Namespace(database: "", collection: "oplog")

    /// How many bytes the documents of each collection have.
    var bytes: [Namespace: Int] { ranges.mapValues { $0.reduce(0) { $0 + $1.count } } }

    /// Reads an archive.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` with the offset.
    init(reading content: FileContent, file: String) async throws {
        var scanner = ArchiveScanner(file: file)
        while try scanner.nextMagic() == nil { try await Self.more(&scanner, content, "in its first bytes") }
        var hasHeader = false
        prelude: while true {
            switch try scanner.next() {
            case .document(let document) where !hasHeader:
                hasHeader = true
                serverVersion = document["server_version"]?.stringValue
            case .document(let document): try addMetadata(document, scanner)
            case .terminator:
                guard hasHeader else { throw scanner.damaged("it has no header") }
                break prelude
            default: try await Self.more(&scanner, content, "before its first block")
            }
        }
        while true {
            switch try scanner.next() {
            case .document(let document): try await readBlock(document, &scanner, content)
            case .terminator: throw scanner.damaged("a block ends that did not begin")
            default:
                guard let piece = try await content.next() else {
                    try finish(scanner)
                    return
                }
                scanner.push(piece)
            }
        }
    }

    private static func more(_ scanner: inout ArchiveScanner, _ content: FileContent, _ place: String) async throws {
        guard let piece = try await content.next() else { throw scanner.damaged("it is cut off \(place)") }
        scanner.push(piece)
    }

    private mutating func addMetadata(_ document: BSONDocument, _ scanner: ArchiveScanner) throws {
        let namespace = try Self.namespace(document, scanner)
        guard let text = document["metadata"]?.stringValue else {
            throw scanner.damaged("\(namespace) has no metadata")
        }
        // The oplog has none that means anything.
        guard namespace != Self.oplog else { return }
        var read = CollectionMetadata([:])
        if !text.isEmpty { read = try DumpMetadata.read(Array(text.utf8), from: "the metadata of \(namespace)") }
        if let kind = document["type"]?.stringValue.flatMap(CollectionKind.init) { read.kind = kind }
        read.collectionName = namespace.collection
        guard metadata.updateValue(read, forKey: namespace) == nil else {
            throw scanner.damaged("\(namespace) has metadata twice")
        }
    }

    private mutating func readBlock(
        _ header: BSONDocument,
        _ scanner: inout ArchiveScanner,
        _ content: FileContent
    ) async throws {
        let namespace = try Self.namespace(header, scanner)
        guard !ended.contains(namespace) else { throw scanner.damaged("\(namespace) goes on after its end") }
        let isEnd = header["EOF"]?.isTruthy == true
        var checksum = checksums[namespace] ?? CRC64()
        var found: [Range<Int>] = []
        reading: while true {
            switch try scanner.nextDocuments() {
            case .documents(let bytes, let offset):
                guard !isEnd else {
                    throw scanner.damaged("the block that ends \(namespace) has documents", at: offset)
                }
                checksum.update(bytes)
                let range = offset..<(offset + bytes.count)
                if let last = found.last, last.upperBound == offset {
                    found[found.count - 1] = last.lowerBound..<range.upperBound
                } else {
                    found.append(range)
                }
            case .terminator: break reading
            default: try await Self.more(&scanner, content, "in a block of \(namespace)")
            }
        }
        ranges[namespace, default: []] += found
        checksums[namespace] = checksum
        guard isEnd else { return }
        ended.insert(namespace)
        guard let expected = header["CRC"]?.int64Value, UInt64(bitPattern: expected) == checksum.value else {
            throw scanner.damaged("the documents of \(namespace) have another checksum than the archive says")
        }
    }

    private func finish(_ scanner: ArchiveScanner) throws {
        guard scanner.isEmpty else { throw scanner.damaged("it is cut off between two blocks") }
        if let open = ranges.keys.first(where: { !ended.contains($0) }) {
            throw scanner.damaged("it is cut off before the end of \(open)")
        }
    }

    private static func namespace(_ document: BSONDocument, _ scanner: ArchiveScanner) throws -> Namespace {
        guard let database = document["db"]?.stringValue, let collection = document["collection"]?.stringValue else {
            throw scanner.damaged("a document does not say whose it is")
        }
        let namespace = Namespace(database: database, collection: collection)
        return namespace == oplog ? namespace : try DumpMetadata.check(namespace, from: "byte \(scanner.offset)")
    }
}
