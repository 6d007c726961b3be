internal import CLibDeflate
internal import CZstd
public import ReplicaKit
internal import Synchronization

/// Makes frames: each call gives one that is readable without the others.
///
/// One compressor makes one frame at a time. To make several at once, use several.
public final class FrameCompressor: Sendable {
    /// The format of the frames.
    public let compression: BackupCompression
    private let context: Mutex<Context>

    private enum Context {
        case none
        case gzip(OpaquePointer)
        case zstd(OpaquePointer)
    }

    /// Creates a compressor.
    ///
    /// - Parameters:
    ///   - compression: The format.
    ///   - level: One of ``BackupCompression/levels``; `nil` is the ``BackupCompression/defaultLevel``.
    /// - Throws: ``ReplicaKitError/Code/invalidArgument`` for a level that the format has not.
    public init(_ compression: BackupCompression, level: Int? = nil) throws(ReplicaKitError) {
        let level = level ?? compression.defaultLevel
        guard compression.levels.contains(level) else {
            throw ReplicaKitError(
                .invalidArgument,
                "\(compression.rawValue) has no compression level \(level)",
                hint: "Its levels are \(compression.levels.lowerBound) to \(compression.levels.upperBound)."
            )
        }
        self.compression = compression
        context = Mutex(try Self.context(of: compression, Int32(level)))
    }

    private static func context(
        of compression: BackupCompression,
        _ level: Int32
    ) throws(ReplicaKitError) -> sending Context {
        switch compression {
        case .none: return .none
        case .gzip:
            guard let compressor = libdeflate_alloc_compressor(level) else { throw outOfMemory(compression) }
            return .gzip(compressor)
        case .zstd:
            guard let compressor = ZSTD_createCCtx() else { throw outOfMemory(compression) }
            // Neither can fail: both values are in their ranges.
            ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
            ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)
            return .zstd(compressor)
        }
    }

    deinit {
        context.withLock { context in
            switch context {
            case .none: break
            case .gzip(let compressor): libdeflate_free_compressor(compressor)
            case .zstd(let compressor): ZSTD_freeCCtx(compressor)
            }
        }
    }

    /// Compresses bytes into one frame; of no bytes too, as a compressed file without a frame reads as cut off.
    ///
    /// - Parameter bytes: At most ``BackupCompression/frameBytes``.
    /// - Throws: ``ReplicaKitError/Code/invalidArgument`` when there are more.
    public func compress(_ bytes: [UInt8]) throws(ReplicaKitError) -> [UInt8] {
        guard bytes.count <= BackupCompression.frameBytes else {
            throw ReplicaKitError(
                .invalidArgument,
                "a frame of \(bytes.count) bytes: at most \(BackupCompression.frameBytes) go into one"
            )
        }
        let frame: [UInt8] = context.withLock { context in
            switch context {
            case .none: return bytes
            case .gzip(let compressor):
                let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
                return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                    count = bytes.withUnsafeBytes {
                        libdeflate_gzip_compress(compressor, $0.baseAddress, $0.count, output.baseAddress, bound)
                    }
                }
            case .zstd(let compressor):
                let bound = ZSTD_compressBound(bytes.count)
                return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                    let size = bytes.withUnsafeBytes {
                        ZSTD_compress2(compressor, output.baseAddress, bound, $0.baseAddress, $0.count)
                    }
                    count = ZSTD_isError(size) == 0 ? size : 0
                }
            }
        }
        // A frame has at least a header: none at all means that the library could not get memory.
        guard compression == .none || !frame.isEmpty else { throw Self.outOfMemory(compression) }
        return frame
    }

    private static func outOfMemory(_ compression: BackupCompression) -> ReplicaKitError {
        ReplicaKitError(.backupStoreFailed, "no memory to compress with \(compression.rawValue)")
    }
}
