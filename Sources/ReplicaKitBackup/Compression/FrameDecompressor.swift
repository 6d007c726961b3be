public import ReplicaKit

/// Reads a row of frames in pieces, with bounded memory whatever the frames claim.
///
/// ```swift
/// decompressor.push(piece)
/// while let bytes = try decompressor.next() { … }
/// …
/// try decompressor.finish()
/// ```
///
/// A few bytes can be made to decompress to terabytes: whoever takes the pieces must count them.
public final class FrameDecompressor {
    /// The most bytes that ``next()`` gives at once.
    public static let pieceBytes = 1 << 20

    private let file: String
    private let inflater: (any FrameInflater)?
    private var input: [UInt8] = []
    private var consumed = 0
    /// The offset of `input` in the file.
    private var base = 0
    private var frameStart = 0
    private var isInsideFrame = false
    private var hasSeenFrame = false
    /// Whether the last output was full, so that the inflater may hold more without any input.
    private var mayHoldMore = false

    /// Creates a decompressor for one file.
    ///
    /// - Parameters:
    ///   - compression: The format.
    ///   - file: The name of the file, for errors.
    /// - Throws: ``ReplicaKitError/Code/backupStoreFailed`` when there is no memory for it.
    public init(_ compression: BackupCompression, file: String) throws(ReplicaKitError) {
        self.file = file
        switch compression {
        case .none: inflater = nil
        case .gzip: inflater = try GzipInflater()
        case .zstd: inflater = try ZstdInflater()
        }
    }

    /// Hands over the next bytes of the file, best once ``next()`` has given all of those before.
    public func push(_ bytes: [UInt8]) {
        base += consumed
        input = consumed == input.count ? bytes : input[consumed...] + bytes
        consumed = 0
    }

    /// The next piece of the content; `nil` when more bytes of the file are needed.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``, with the offset in the file.
    public func next() throws -> [UInt8]? {
        guard consumed < input.count || mayHoldMore else { return nil }
        guard let inflater else {
            defer { consumed = input.count }
            return input
        }
        do {
            let piece = try [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { output, count in
                try fill(output, &count, from: inflater)
            }
            return piece.isEmpty ? nil : piece
        } catch let failure as FrameFailure {
            throw damaged("\(failure.reason), in the frame that begins at byte \(frameStart)")
        }
    }

    private func fill(
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ count: inout Int,
        from inflater: any FrameInflater
    ) throws {
        try input.withUnsafeBytes { input in
            while count < output.count, consumed < input.count || mayHoldMore {
                if !isInsideFrame {
                    (frameStart, isInsideFrame, hasSeenFrame) = (base + consumed, true, true)
                }
                let progress = try inflater.inflate(
                    UnsafeRawBufferPointer(rebasing: input[consumed...]),
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: output[count...]))
                )
                consumed += progress.consumed
                count += progress.produced
                mayHoldMore = count == output.count && !progress.endsFrame
                isInsideFrame = !progress.endsFrame
            }
        }
    }

    /// Checks that the file ends where a frame ends.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when it is cut off; so is a file with no frame at all.
    public func finish() throws(ReplicaKitError) {
        guard inflater != nil else { return }
        guard hasSeenFrame else { throw damaged("there is nothing in it, not even an empty frame") }
        guard !isInsideFrame else {
            throw damaged("it is cut off in the frame that begins at byte \(frameStart)")
        }
    }

    private func damaged(_ why: String) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "\(file) is damaged at byte \(base + consumed): \(why)",
            hint: "Use another backup, or another copy of this file."
        )
    }
}

/// A format's own decompression.
protocol FrameInflater: AnyObject {
    /// Decompresses into the output until that is full, the input is used up, or a frame ends.
    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(FrameFailure) -> FrameProgress
}

/// What a call to an inflater did.
struct FrameProgress {
    var consumed: Int
    var produced: Int
    var endsFrame: Bool
}

/// What a library says is wrong with a frame.
struct FrameFailure: Error {
    var reason: String
}
