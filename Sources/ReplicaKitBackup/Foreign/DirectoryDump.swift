import ReplicaKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A directory that `mongodump` wrote, compressed with `--gzip` or not.
struct DirectoryDump: DumpSource {
    let contents: DumpContents
    private let path: String
    private let files: [Namespace: File]
    private let oplogFile: File?

    private struct File: Sendable {
        var folder: String?
        var name: String
        var compression: BackupCompression
        var path: String { (folder.map { $0 + "/" } ?? "") + name }
    }

    /// What the files of a database are, before they are put together.
    private struct Found {
        var metadata: [String: File] = [:]
        var data: [String: (file: File, bytes: Int)] = [:]
        var others: [String] = []
    }

    /// Reads the names and the metadata of a dump, and none of its documents.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupNotFound``, and ``ReplicaKitError/Code/backupDamaged`` with the file.
    init(_ path: String) async throws {
        let (databases, root) = try await onBackgroundThread { try Self.look(at: path) }
        var metadata: [Namespace: CollectionMetadata] = [:]
        var data: [Namespace: Int] = [:]
        var files: [Namespace: File] = [:]
        var others = root.others
        for (database, found) in databases {
            others += found.others
            var names: [String: String] = [:]
            for (stem, file) in found.metadata {
                let read = try DumpMetadata.read(
                    try await Self.content(of: file, in: path),
                    from: "\(path)/\(file.path)"
                )
                let decoded = DumpFileName.collection(of: stem)
                let name = read.collectionName.isEmpty ? decoded ?? "" : read.collectionName
                guard name == decoded || DumpFileName.stem(of: name) == stem else {
                    throw Self.damaged("\(path)/\(file.path) is of a collection with another name, '\(name)'")
                }
                names[stem] = name
                let namespace = Namespace(database: database, collection: name)
                metadata[try DumpMetadata.check(namespace, from: "\(path)/\(file.path)")] = read
            }
            for (stem, entry) in found.data {
                let name = names[stem] ?? DumpFileName.collection(of: stem) ?? ""
                let namespace = Namespace(database: database, collection: name)
                data[try DumpMetadata.check(namespace, from: "\(path)/\(entry.file.path)")] = entry.bytes
                files[namespace] = entry.file
            }
        }
        let isGzip = (files.values + databases.values.flatMap(\.metadata.values)).contains { $0.compression == .gzip }
        var oplog = root.data["oplog"]?.file
        // With --gzip it is compressed, and not called so. These bytes could also be a length, so they count there only.
        if isGzip, let file = oplog, file.compression == .none,
            try await Self.reader(of: file, in: path, to: 3).next() == [0x1F, 0x8B, 0x08]
        {
            oplog?.compression = .gzip
        }
        var contents = try DumpContents(of: path, metadata: metadata, data: data)
        contents.hasOplog = oplog != nil
        if let prelude = root.metadata["prelude"] {
            let document = try? BSONDocument(extendedJSON: try await Self.content(of: prelude, in: path))
            contents.serverVersion = document?["ServerVersion"]?.stringValue
        }
        contents.others = others.sorted()
        (self.path, self.contents, self.files, oplogFile) = (path, contents, files, oplog)
    }

    func documents(of namespace: Namespace) async throws -> any DocumentReader {
        guard let file = files[namespace] else {
            throw ReplicaKitError(.backupObjectMissing, "\(path) has no documents of \(namespace)")
        }
        return try await Self.documents(file, in: path)
    }

    func oplog() async throws -> (any DocumentReader)? {
        guard let oplogFile else { return nil }
        return try await Self.documents(oplogFile, in: path)
    }
}

extension DirectoryDump {
    /// Sorts the files into databases and the root's own. Blocks.
    private static func look(at path: String) throws -> (databases: [String: Found], root: Found) {
        guard let root = try LocalDirectory(root: path) else {
            throw ReplicaKitError(.backupNotFound, "there is no directory \(path)")
        }
        var databases: [String: Found] = [:]
        var own = Found()
        for entry in try root.entries() {
            switch entry {
            case .directory(let name):
                guard let directory = try root.directory(name) else { continue }
                databases[name] = try look(at: directory, named: name)
            case .file(let name, let bytes):
                let (stem, kind, file) = sort(name, in: nil)
                switch (stem, kind) {
                case ("oplog", ".bson"): own.data[stem] = (file, bytes)
                case ("prelude", ".json"): own.metadata[stem] = file
                default: own.others.append(name)
                }
            case .other(let name): throw damaged("\(path)/\(name) is neither a file nor a directory")
            }
        }
        return (databases, own)
    }

    private static func look(at directory: borrowing LocalDirectory, named folder: String) throws -> Found {
        var found = Found()
        for entry in try directory.entries() {
            switch entry {
            case .directory(let name): found.others.append("\(folder)/\(name)")
            case .file(let name, let bytes):
                let (stem, kind, file) = sort(name, in: folder)
                switch kind {
                case ".metadata.json":
                    guard found.metadata.updateValue(file, forKey: stem) == nil else {
                        throw twice(directory.path(name))
                    }
                case ".bson":
                    guard found.data.updateValue((file, bytes), forKey: stem) == nil else {
                        throw twice(directory.path(name))
                    }
                default: found.others.append("\(folder)/\(name)")
                }
            case .other(let name): throw damaged("\(directory.path(name)) is neither a file nor a directory")
            }
        }
        return found
    }

    /// Takes a file's name apart.
    private static func sort(_ name: String, in folder: String?) -> (stem: String, kind: String, file: File) {
        let isGzip = name.hasSuffix(".gz")
        let plain = isGzip ? String(name.dropLast(3)) : name
        let file = File(folder: folder, name: name, compression: isGzip ? .gzip : .none)
        for kind in [".metadata.json", ".bson", ".json"] where plain.hasSuffix(kind) && plain != kind {
            return (String(plain.dropLast(kind.count)), kind, file)
        }
        return (plain, "", file)
    }

    private static func reader(of file: File, in path: String, to end: Int = .max) async throws -> LocalObjectReader {
        try await onBackgroundThread {
            guard let root = try LocalDirectory(root: path) else { throw missing("\(path)/\(file.path)") }
            guard let folder = file.folder else { return try open(file, in: root, to: end) }
            guard let directory = try root.directory(folder) else { throw missing("\(path)/\(file.path)") }
            return try open(file, in: directory, to: end)
        }
    }

    private static func open(
        _ file: File,
        in directory: borrowing LocalDirectory,
        to end: Int
    ) throws -> LocalObjectReader {
        guard let opened = try directory.openFile(file.name, O_RDONLY) else { throw missing(directory.path(file.name)) }
        return LocalObjectReader(opened, path: directory.path(file.name), from: 0, to: end)
    }

    private static func pieces(_ file: File, in path: String) async throws -> FileContent {
        let reader = try await reader(of: file, in: path)
        return try FileContent(reader, file.compression, file: "\(path)/\(file.path)")
    }

    private static func documents(_ file: File, in path: String) async throws -> DumpFileReader {
        let content = try await pieces(file, in: path)
        return DumpFileReader("\(path)/\(file.path)") { try await content.next() }
    }

    /// Reads a small file whole.
    private static func content(of file: File, in path: String) async throws -> [UInt8] {
        let content = try await pieces(file, in: path)
        var bytes: [UInt8] = []
        while let piece = try await content.next() {
            bytes += piece
            guard bytes.count <= DumpMetadata.limit else { throw damaged("\(path)/\(file.path) is too large") }
        }
        return bytes
    }

    private static func damaged(_ what: String) -> ReplicaKitError {
        ReplicaKitError(.backupDamaged, what, hint: "This is not as mongodump wrote it: use another dump.")
    }

    private static func twice(_ path: String) -> ReplicaKitError {
        damaged("\(path) is there twice, compressed and not")
    }

    private static func missing(_ path: String) -> ReplicaKitError {
        ReplicaKitError(.backupObjectMissing, "\(path) has gone")
    }
}
