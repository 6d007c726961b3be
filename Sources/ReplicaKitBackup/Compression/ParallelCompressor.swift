import Foundation
import ReplicaKit
import Synchronization

/// How many files are being written at this moment: they share the machine's cores.
final class WriterCount: Sendable {
    private let count = Atomic<Int>(0)
    private let cores: Int

    init(cores: Int = ProcessInfo.processInfo.activeProcessorCount) { self.cores = cores }

    /// Counts one more while `body` runs.
    func counting<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        count.add(1, ordering: .relaxed)
        defer { count.subtract(1, ordering: .relaxed) }
        return try await body()
    }

    /// How many frames of one file may be compressed at a time, so that all files together use each core once.
    var share: Int { max(1, cores / max(1, count.load(ordering: .relaxed))) }
}

/// Compresses several frames of one file at the same time.
struct ParallelCompressor: Sendable {
    private let compression: BackupCompression
    private let level: Int?
    private var compressors: [FrameCompressor]

    init(_ compression: BackupCompression, level: Int?) throws {
        self.compression = compression
        self.level = level
        compressors = [try FrameCompressor(compression, level: level)]
    }

    /// Compresses each into a frame of its own.
    ///
    /// - Returns: The frames in the order of what they are made of.
    mutating func compress(_ pieces: [[UInt8]]) async throws -> [[UInt8]] {
        if pieces.count == 1 { return [try compressors[0].compress(pieces[0])] }
        while compressors.count < pieces.count { compressors.append(try FrameCompressor(compression, level: level)) }
        let compressors = compressors
        return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, piece) in pieces.enumerated() {
                group.addTask { (index, try compressors[index].compress(piece)) }
            }
            return try await group.reduce(into: [[UInt8]](repeating: [], count: pieces.count)) { $0[$1.0] = $1.1 }
        }
    }
}
