internal import CZstd
internal import ReplicaKit

/// Reads zstd frames.
final class ZstdInflater: FrameInflater {
    /// What the format's specification asks every reader to support, and twice what our frames need. Frames that
    /// want more (`zstd --long`, `--ultra`) are refused: a hostile one could ask for gigabytes.
    private static let windowLogLimit: Int32 = 23

    private let context: OpaquePointer

    init() throws(ReplicaKitError) {
        guard let context = ZSTD_createDCtx() else {
            throw ReplicaKitError(.backupStoreFailed, "no memory to decompress zstd")
        }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogLimit)
    }

    deinit { ZSTD_freeDCtx(context) }

    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(FrameFailure) -> FrameProgress {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(status) == 0 else {
            throw FrameFailure(reason: "zstd says: \(String(cString: ZSTD_getErrorName(status)))")
        }
        return FrameProgress(consumed: source.pos, produced: target.pos, endsFrame: status == 0)
    }
}
