#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The written memory of plans: one file of JSON lines a plan, in a directory of mode 0700.
///
/// An entry is on the disk before what it announces is begun, so after a crash the journal names the step that may
/// be half done. A last line that was cut off by the crash is left out when it is read.
public struct Journal: Sendable, Hashable {
    /// The directory of the journal's files.
    public let directory: String

    /// Creates a journal; its directory is made when the first entry is written.
    public init(directory: String) {
        self.directory = directory
    }

    /// Writes an entry at the end of a plan's file, and waits until it is on the disk.
    ///
    /// - Throws: ``ReplicaKitError/Code/journalFailed``.
    func append(_ entry: JournalEntry, to plan: PlanID) throws(ReplicaKitError) {
        let path = file(of: plan)
        try prepare()
        let line: [UInt8]
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            line = Array(try encoder.encode(entry)) + [UInt8(ascii: "\n")]
        } catch {
            throw ReplicaKitError(.journalFailed, "cannot encode an entry of \(path)", cause: error)
        }
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("open", path) }
        defer { close(descriptor) }
        // A process that was killed while it wrote has left a line without an end: what follows must not join it.
        var rest = (try endsInsideLine(descriptor, path) ? [UInt8(ascii: "\n")] + line : line)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failed("write", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failed("write", path) }
    }

    /// All plans of the journal, oldest first.
    ///
    /// - Throws: ``ReplicaKitError/Code/journalFailed`` when the directory is there and cannot be read.
    public func records() throws(ReplicaKitError) -> [JournalRecord] {
        let manager = FileManager.default
        guard manager.fileExists(atPath: directory) else { return [] }
        let names: [String]
        do {
            names = try manager.contentsOfDirectory(atPath: directory)
        } catch {
            throw ReplicaKitError(.journalFailed, "cannot read the journal in \(directory)", cause: error)
        }
        return names.filter { $0.hasSuffix(Self.suffix) }.sorted().compactMap { name in
            manager.contents(atPath: "\(directory)/\(name)").flatMap { Self.record(from: Array($0)) }
        }
    }

    /// The plans that were begun and neither finished, failed nor were taken over: their process died, or they run now.
    public func unfinished() throws(ReplicaKitError) -> [JournalRecord] {
        try records().filter { $0.outcome == nil }
    }

    /// The last run, when something is left of it to do; a start that came to its end leaves open what was before it.
    func resumable() throws(ReplicaKitError) -> JournalRecord? {
        var starts: [JournalRecord] = []
        for record in try records().reversed() {
            let isStart = record.plan.intent?.isStart == true
            // One that failed is made good by a later one, but each took back what stands against it.
            guard record.hasEnded ? isStart : isStart && !starts.isEmpty else {
                return !record.hasEnded && starts.allSatisfy { $0.leavesOpen(record) } ? record : nil
            }
            starts.append(record)
        }
        return nil
    }

    /// Says of unfinished plans that nothing is left of them to do, or that a new run does it.
    ///
    /// - Parameter intent: What the set was found to be, or what the new run is for.
    func supersedeUnfinished(by intent: Intent?, because reason: String) throws(ReplicaKitError) {
        for record in try unfinished() where !(intent?.leavesOpen(record.plan.intent) ?? false) {
            let entry = JournalEntry(at: Self.now, event: .superseded, message: reason)
            try append(entry, to: record.plan.id)
        }
    }

    static var now: Double { Date.now.timeIntervalSince1970 }
    private static let suffix = ".jsonl"

    private func file(of plan: PlanID) -> String { "\(directory)/\(plan.rawValue)\(Self.suffix)" }

    static func record(from bytes: [UInt8]) -> JournalRecord? {
        let decoder = JSONDecoder()
        let entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(JournalEntry.self, from: Data($0))
        }
        guard let plan = entries.first?.plan else { return nil }
        return JournalRecord(plan: plan, entries: entries)
    }

    /// Makes the journal's directory.
    func prepare() throws(ReplicaKitError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ReplicaKitError(
                .journalFailed,
                "cannot make the directory \(directory) for the journal",
                hint: "The journal stands beside the spec: its directory must be writable.",
                cause: error
            )
        }
    }

    private func endsInsideLine(_ descriptor: Int32, _ path: String) throws(ReplicaKitError) -> Bool {
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw failed("read", path) }
        guard size > 0 else { return false }
        var last: UInt8 = 0
        guard pread(descriptor, &last, 1, size - 1) == 1 else { throw failed("read", path) }
        return last != UInt8(ascii: "\n")
    }

    private func failed(_ what: String, _ path: String) -> ReplicaKitError {
        ReplicaKitError(.journalFailed, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
