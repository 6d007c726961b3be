internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import ReplicaKit
internal import ReplicaKitBackup

/// Uploads an object: in one request when it is small, else in parts, of which a few are on their way at once.
actor S3ObjectWriter: StoredObjectWriter {
    private struct Part: Sendable {
        var tag: String
        var digest: S3Digest
    }

    private let client: S3Client
    private let key: String
    private var pending: [UInt8] = []
    private var upload: String?
    private var parts: [Part] = []
    /// The parts that follow those of ``parts``.
    private var uploads: [Task<Part, any Error>] = []
    private var isOpen = true

    /// How many parts are on their way at once.
    private static let concurrency = 3
    /// S3 takes no more.
    private static let partLimit = 10_000

    init(_ client: S3Client, key: String) {
        self.client = client
        self.key = key
    }

    deinit { for upload in uploads { upload.cancel() } }

    /// How large a part is: 8 MiB, and twice as large after each thousand parts, so that 8 TiB fit.
    private static func partBytes(_ number: Int) -> Int { (8 << 20) << ((number - 1) / 1000) }

    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try checkOpen()
        pending += bytes
        while pending.count >= Self.partBytes(nextNumber) {
            let part = Array(pending.prefix(Self.partBytes(nextNumber)))
            pending.removeFirst(part.count)
            try await begin(part)
        }
    }

    func commit() async throws {
        try Task.checkCancellation()
        try checkOpen()
        guard upload != nil || !uploads.isEmpty else {
            let digest = S3Digest(pending)
            let answer = try await client.send("PUT", key, headers: [("Content-MD5", digest.base64)], body: pending)
            guard !digest.contradicts(answer.headers.first(name: "ETag") ?? "") else { throw differs() }
            isOpen = false
            pending = []
            return
        }
        if !pending.isEmpty {
            let part = pending
            pending = []
            try await begin(part)
        }
        while !uploads.isEmpty { try await finishFirst() }
        try await complete()
        isOpen = false
    }

    func cancel() async {
        guard isOpen else { return }
        isOpen = false
        pending = []
        for upload in uploads { upload.cancel() }
        for upload in uploads { _ = await upload.result }
        uploads = []
        guard let upload else { return }
        let (client, key) = (client, key)
        // Not a child: it must run although the caller is cancelled. When it fails, a lifecycle rule is left.
        await Task {
            _ = try? await client.send("DELETE", key, query: [("uploadId", upload)], accepting: [204, 200, 404])
        }.value
    }

    private var nextNumber: Int { parts.count + uploads.count + 1 }

    private func checkOpen() throws(ReplicaKitError) {
        guard isOpen else { throw ReplicaKitError(.backupStoreFailed, "\(key) is not being written any more") }
    }

    private func begin(_ part: [UInt8]) async throws {
        let number = nextNumber
        guard number <= Self.partLimit else {
            throw ReplicaKitError(.backupStoreFailed, "\(key) is larger than an S3 service takes")
        }
        let upload = try await uploadID()
        while uploads.count >= Self.concurrency { try await finishFirst() }
        let (client, key) = (client, key)
        uploads.append(
            Task {
                let digest = S3Digest(part)
                let answer = try await client.send(
                    "PUT",
                    key,
                    query: [("partNumber", "\(number)"), ("uploadId", upload)],
                    headers: [("Content-MD5", digest.base64)],
                    body: part
                )
                guard let tag = answer.headers.first(name: "ETag"), !digest.contradicts(tag) else {
                    throw Self.differs(key)
                }
                return Part(tag: tag, digest: digest)
            }
        )
    }

    private func finishFirst() async throws {
        guard let first = uploads.first else { return }
        let part = try await withTaskCancellationHandler {
            try await first.value
        } onCancel: {
            first.cancel()
        }
        uploads.removeFirst()
        parts.append(part)
    }

    private func uploadID() async throws -> String {
        if let upload { return upload }
        let answer = try await client.send("POST", key, query: [("uploads", "")])
        let document = XMLElement(document: answer.body.readableBytesView)
        guard let id = document?.text(of: "UploadId"), !id.isEmpty else {
            throw ReplicaKitError(.backupStoreFailed, "\(key): the answer is not the beginning of an upload")
        }
        upload = id
        return id
    }

    private func complete() async throws {
        let list = parts.enumerated().map { number, part in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(XMLElement.escape(part.tag))</ETag></Part>"
        }
        let answer = try await client.send(
            "POST",
            key,
            query: [("uploadId", upload ?? "")],
            body: Array("<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8),
            accepting: [200, 404]
        )
        let document = XMLElement(document: answer.body.readableBytesView)
        if answer.status == 200, document?.name == "CompleteMultipartUploadResult" { return }
        // A service may answer 200 and then say that it failed; and an attempt whose answer was lost may have worked.
        if try await hasArrived() { return }
        let failure = S3Failure(answer)
        throw ReplicaKitError(.backupStoreFailed, "\(key): the upload could not be completed: \(failure.words)")
    }

    /// Whether the object that is there is the one of these parts, by its ETag.
    private func hasArrived() async throws -> Bool {
        let answer = try await client.send("HEAD", key, accepting: [200, 404])
        let whole = S3Digest(parts.flatMap(\.digest.bytes)).hexadecimal
        return answer.status == 200 && answer.headers.first(name: "ETag") == "\"\(whole)-\(parts.count)\""
    }

    private func differs() -> ReplicaKitError { Self.differs(key) }

    private static func differs(_ key: String) -> ReplicaKitError {
        ReplicaKitError(.backupStoreFailed, "\(key): the service has other bytes than it was sent, by its own checksum")
    }
}
