import ReplicaKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that `mongodump --archive` wrote, compressed with `--gzip` or not.
struct ArchiveDump: DumpSource {
    let contents: DumpContents
    private let path: String
    private let compression: BackupCompression
    private let ranges: [Namespace: [Range<Int>]]

    /// Reads the whole file once: its blocks are found, and its checksums are right.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupNotFound``, and ``ReplicaKitError/Code/backupDamaged`` with the offset.
    init(_ path: String) async throws {
        let head = try await Self.open(path, 0..<2).next() ?? []
        // Neither an archive's magic nor anything else begins so.
        let compression: BackupCompression = head == [0x1F, 0x8B] ? .gzip : .none
        let content = try FileContent(try await Self.open(path), compression, file: path)
        let index = try await ArchiveIndex(reading: content, file: path)
        var bytes = index.bytes
        let hasOplog = bytes.removeValue(forKey: ArchiveIndex.oplog) != nil
        var contents = try DumpContents(of: path, metadata: index.metadata, data: bytes)
        contents.hasOplog = hasOplog
        contents.serverVersion = index.serverVersion
        (self.path, self.compression, self.contents, ranges) = (path, compression, contents, index.ranges)
    }

    func documents(of namespace: Namespace) async throws -> any DocumentReader {
        guard let ranges = ranges[namespace] else {
            throw ReplicaKitError(.backupObjectMissing, "\(path) has no documents of \(namespace)")
        }
        return try await reader(ranges, namespace)
    }

    func oplog() async throws -> (any DocumentReader)? {
        guard let ranges = ranges[ArchiveIndex.oplog] else { return nil }
        return try await reader(ranges, ArchiveIndex.oplog)
    }

    private func reader(_ ranges: [Range<Int>], _ namespace: Namespace) async throws -> DumpFileReader {
        let name = "\(namespace) in \(path)"
        if compression == .none {
            let pieces = RangesOfFile(path: path, ranges: ranges)
            return DumpFileReader(name) { try await pieces.next() }
        }
        // Nobody can seek in gzip: what stands before is decompressed again.
        let content = try FileContent(try await Self.open(path), compression, file: path)
        let pieces = RangesOfContent(content, ranges)
        return DumpFileReader(name) { try await pieces.next() }
    }

    /// Begins to read the file, which may be a symbolic link: a person named it.
    fileprivate static func open(_ path: String, _ range: Range<Int> = 0..<Int.max) async throws -> LocalObjectReader {
        try await onBackgroundThread {
            let descriptor = Self.descriptor(path)
            guard descriptor >= 0 else {
                guard errno == ENOENT else { throw LocalFailure.error("open", path) }
                throw ReplicaKitError(.backupNotFound, "there is no file \(path)")
            }
            let file = OpenFile(descriptor: descriptor)
            try file.requireRegular(path)
            return LocalObjectReader(file, path: path, from: range.lowerBound, to: range.upperBound)
        }
    }

    private static func descriptor(_ path: String) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        #elseif canImport(Musl)
            Musl.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        #else
            Darwin.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        #endif
    }
}

/// Reads ranges of a file, one after the other.
private actor RangesOfFile {
    private let path: String
    private var ranges: ArraySlice<Range<Int>>
    private var reader: LocalObjectReader?

    init(path: String, ranges: [Range<Int>]) {
        self.path = path
        self.ranges = ranges[...]
    }

    func next() async throws -> [UInt8]? {
        while true {
            if let piece = try await reader?.next() { return piece }
            guard let range = ranges.popFirst() else { return nil }
            reader = try await ArchiveDump.open(path, range)
        }
    }
}

/// Cuts ranges out of what is read from the beginning.
private actor RangesOfContent {
    private let content: FileContent
    private var ranges: ArraySlice<Range<Int>>
    private var piece: [UInt8] = []
    private var offset = 0

    init(_ content: FileContent, _ ranges: [Range<Int>]) {
        self.content = content
        self.ranges = ranges[...]
    }

    func next() async throws -> [UInt8]? {
        while let range = ranges.first {
            let end = offset + piece.count
            if range.lowerBound < end {
                let part = max(range.lowerBound, offset)..<min(range.upperBound, end)
                let bytes = Array(piece[(part.lowerBound - offset)..<(part.upperBound - offset)])
                // What is left of the range is in the pieces to come.
                ranges[ranges.startIndex] = part.upperBound..<range.upperBound
                if part.upperBound == range.upperBound { ranges.removeFirst() }
                if !bytes.isEmpty { return bytes }
                continue
            }
            guard let next = try await content.next() else { return nil }
            offset = end
            piece = next
        }
        return nil
    }
}
