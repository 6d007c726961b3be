internal import ReplicaKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reads a file from a byte on.
final class LocalObjectReader: StoredObjectReader {
    private struct State: ~Copyable {
        /// `nil` when it was closed.
        var file: OpenFile?
        var offset: Int
    }

    private let path: String
    private let end: Int
    private let state: Mutex<State>

    private static let pieceBytes = 1 << 20

    init(_ file: consuming OpenFile, path: String, from offset: Int, to end: Int = .max) {
        self.path = path
        self.end = end
        state = Mutex(State(file: file, offset: offset))
    }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await onBackgroundThread { try self.read() }
    }

    func close() async {
        // Cannot fail, but for the thread.
        try? await onBackgroundThread { self.state.withLock { $0.file = nil } }
    }

    private func read() throws -> [UInt8]? {
        try state.withLock { state in
            guard let descriptor = state.file?.descriptor else { return nil }
            let wanted = min(Self.pieceBytes, max(0, end - state.offset))
            let piece = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                repeat {
                    count = pread(descriptor, buffer.baseAddress, wanted, state.offset)
                } while count < 0 && errno == EINTR
                guard count >= 0 else {
                    count = 0
                    throw LocalFailure.error("read", path)
                }
            }
            state.offset += piece.count
            return piece.isEmpty ? nil : piece
        }
    }
}
