internal import CZlib
internal import ReplicaKit

/// Reads gzip members.
final class GzipInflater: FrameInflater {
    // zlib keeps a pointer back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(ReplicaKitError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for gzip and nothing else, 15 for the largest window of the format.
        let status = inflateInit2_(stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw ReplicaKitError(.backupStoreFailed, "no memory to decompress gzip")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(FrameFailure) -> FrameProgress {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let offered = (input: stream.pointee.avail_in, output: stream.pointee.avail_out)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        // Z_BUF_ERROR only says that nothing could be done without more input or room.
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            let text = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
            throw FrameFailure(reason: "gzip says: \(text)")
        }
        let progress = FrameProgress(
            consumed: Int(offered.input - stream.pointee.avail_in),
            produced: Int(offered.output - stream.pointee.avail_out),
            endsFrame: status == Z_STREAM_END
        )
        if progress.endsFrame { inflateReset(stream) }
        return progress
    }
}
