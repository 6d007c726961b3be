internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import ReplicaKit
internal import ReplicaKitBackup

/// Reads an object by ranges, with the next ones on their way.
actor S3ObjectReader: StoredObjectReader {
    private struct Piece: Sendable {
        var bytes: [UInt8]
        /// The size of the whole object.
        var total: Int
        var tag: String?
    }

    private let client: S3Client
    private let key: String
    private let name: String
    private let total: Int
    private let tag: String?
    private var requested: Int
    private var first: Piece?
    private var pieces: [Task<Piece, any Error>] = []

    private static let pieceBytes = 4 << 20
    /// How many pieces are asked for ahead.
    private static let ahead = 2

    /// Asks for the first piece.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupObjectMissing``, ``ReplicaKitError/Code/backupStoreFailed``.
    init(_ client: S3Client, key: String, name: String, from offset: Int) async throws {
        let first = try await Self.piece(client, key, name, offset, tag: nil)
        (self.client, self.key, self.name) = (client, key, name)
        (total, tag) = (first.total, first.tag)
        requested = offset + first.bytes.count
        self.first = first
    }

    deinit { for piece in pieces { piece.cancel() } }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        while pieces.count < Self.ahead, requested < total {
            let (client, key, name, tag, offset) = (client, key, name, tag, requested)
            let expected = min(Self.pieceBytes, total - offset)
            pieces.append(
                Task {
                    let piece = try await Self.piece(client, key, name, offset, tag: tag)
                    guard piece.bytes.count == expected else {
                        throw Self.strange(name, "another range than was asked for")
                    }
                    return piece
                }
            )
            requested += expected
        }
        if let first = first.take() { return first.bytes.isEmpty ? nil : first.bytes }
        guard !pieces.isEmpty else { return nil }
        let piece = pieces.removeFirst()
        return try await withTaskCancellationHandler {
            try await piece.value.bytes
        } onCancel: {
            piece.cancel()
        }
    }

    func close() async {
        for piece in pieces { piece.cancel() }
        pieces = []
        first = nil
        requested = total
    }

    private static func piece(
        _ client: S3Client,
        _ key: String,
        _ name: String,
        _ offset: Int,
        tag: String?
    ) async throws -> Piece {
        var headers = [("Range", "bytes=\(offset)-\(offset + pieceBytes - 1)")]
        if let tag { headers.append(("If-Match", tag)) }
        let answer = try await client.send("GET", key, headers: headers, accepting: [200, 206, 404, 412, 416])
        let bytes = Array(answer.body.readableBytesView)
        switch answer.status {
        case 200 where offset == 0:
            // All of it, as the service takes no ranges or the object is empty.
            return Piece(bytes: bytes, total: bytes.count, tag: answer.headers.first(name: "ETag"))
        case 206:
            let range = answer.headers.first(name: "Content-Range")?.firstMatch(of: /^bytes (\d+)-(\d+)\/(\d+)$/)
            guard let range, let begin = Int(range.1), let end = Int(range.2), let total = Int(range.3),
                begin == offset, bytes.count == end - begin + 1, end < total
            else { throw strange(name, "another range than was asked for") }
            return Piece(bytes: bytes, total: total, tag: answer.headers.first(name: "ETag"))
        case 416:
            // Nothing is there from this byte on.
            return Piece(bytes: [], total: offset, tag: nil)
        case 404:
            let failure = S3Failure(answer)
            guard failure.code != "NoSuchBucket" else {
                throw ReplicaKitError(.backupStoreFailed, "\(name): \(failure.words)", hint: "Make the bucket first.")
            }
            throw ReplicaKitError(.backupObjectMissing, "there is no \(name)")
        case 412:
            throw ReplicaKitError(.backupStoreFailed, "\(name) was replaced while it was read", hint: "Read it again.")
        default:
            throw strange(name, "all of an object and not the range that was asked for")
        }
    }

    private static func strange(_ name: String, _ what: String) -> ReplicaKitError {
        ReplicaKitError(.backupStoreFailed, "\(name): the service sent \(what)")
    }
}
