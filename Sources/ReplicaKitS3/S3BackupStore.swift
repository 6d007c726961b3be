internal import AsyncHTTPClient
internal import Crypto
internal import Foundation
public import Logging
internal import NIOCore
internal import ReplicaKit
public import ReplicaKitBackup

/// Keeps backups in a bucket of an S3 service.
///
/// An object is uploaded in parts, of which few are in memory; it appears when the upload is completed. What a process
/// that was killed has uploaded is seen by nobody, but kept by the service: give the bucket a lifecycle rule that
/// aborts incomplete multipart uploads. A backup is published by its manifest, the last object of its folder.
public struct S3BackupStore: Sendable {
    private let client: S3Client
    /// `s3://BUCKET/PREFIX`.
    public let location: String

    /// Lends a store to `body`, and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - location: Where it is.
    ///   - clock: What waits between two attempts.
    ///   - logger: Is told of attempts that failed.
    ///   - body: What is done with it.
    /// - Throws: ``ReplicaKitError/Code/invalidArgument`` for an unusable location; what `body` throws.
    public static func with<Result>(
        _ location: S3Location,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger,
        _ body: (S3BackupStore) async throws -> Result
    ) async throws -> Result {
        let address = try S3Address(location)
        return try await HTTPClient.withHTTPClient(configuration: .forObjectStores) { http in
            let client = S3Client(
                http: http,
                address: address,
                credentials: location.credentials,
                clock: clock,
                logger: logger
            )
            return try await body(S3BackupStore(client: client, bucket: location.bucket))
        }
    }

    private init(client: S3Client, bucket: String) {
        self.client = client
        location = "s3://\(bucket)/\(client.address.prefix)"
    }

    private func key(_ name: String) throws -> String { client.address.prefix + (try ObjectName(name).text) }
}

extension S3BackupStore: BackupStore {
    /// The objects whose names begin with `prefix`.
    public func list(_ prefix: String) async throws -> [StoredObject] {
        try ObjectName.checkPrefix(prefix)
        var objects: [StoredObject] = []
        var token: String?
        repeat {
            var query = [("list-type", "2"), ("prefix", client.address.prefix + prefix)]
            if let token { query.append(("continuation-token", token)) }
            let answer = try await client.send("GET", nil, query: query)
            let page = XMLElement(document: answer.body.readableBytesView)
            guard let page, page.name == "ListBucketResult" else { throw unexpected("a list of objects") }
            for entry in page.all("Contents") {
                guard let key = entry.text(of: "Key"), key.hasPrefix(client.address.prefix + prefix),
                    let bytes = entry.text(of: "Size").flatMap({ Int($0) })
                else { throw unexpected("a list of objects") }
                objects.append(StoredObject(name: String(key.dropFirst(client.address.prefix.count)), bytes: bytes))
            }
            let next = page.text(of: "NextContinuationToken")
            guard page.text(of: "IsTruncated") != "true" || next != nil && next != token else {
                throw unexpected("the rest of a list of objects")
            }
            token = page.text(of: "IsTruncated") == "true" ? next : nil
        } while token != nil
        return objects.sorted { $0.name < $1.name }
    }

    /// Reads an object, a few pieces ahead. Each piece is a request of its own, so that a broken connection costs one
    /// piece, and a slow reader none.
    public func read(_ name: String, from offset: Int) async throws -> any StoredObjectReader {
        let key = try key(name)
        guard offset >= 0 else { throw ReplicaKitError(.invalidArgument, "\(name) cannot be read from byte \(offset)") }
        return try await S3ObjectReader(client, key: key, name: "\(location)\(name)", from: offset)
    }

    /// Begins an object.
    public func write(_ name: String) async throws -> any StoredObjectWriter {
        S3ObjectWriter(client, key: try key(name))
    }

    /// Removes objects.
    public func delete(_ names: [String]) async throws {
        let keys = try names.map { try key($0) }
        for start in stride(from: 0, to: keys.count, by: 1000) {
            let entries = keys[start..<min(start + 1000, keys.count)].map {
                "<Object><Key>\(XMLElement.escape($0))</Key></Object>"
            }
            let body = Array("<Delete><Quiet>true</Quiet>\(entries.joined())</Delete>".utf8)
            let answer = try await client.send(
                "POST",
                nil,
                query: [("delete", "")],
                headers: [("Content-MD5", S3Digest(body).base64)],
                body: body
            )
            let result = XMLElement(document: answer.body.readableBytesView)
            guard let result, result.name == "DeleteResult" else { throw unexpected("the result of removing objects") }
            if let error = result.all("Error").first(where: { $0.text(of: "Code") != "NoSuchKey" }) {
                let words = ["Code", "Message"].compactMap { error.text(of: $0) }.joined(separator: " ")
                throw ReplicaKitError(
                    .backupStoreFailed,
                    "\(location): \(error.text(of: "Key") ?? "an object") could not be removed: \(words)"
                )
            }
        }
    }

    /// Puts the manifest, unless there is one already.
    public func publish(_ folder: String, manifest: [UInt8], named name: String) async throws {
        let full = "\(folder)/\(name)"
        let key = try key(full)
        let headers = [("Content-MD5", S3Digest(manifest).base64)]
        let answer = try await client.send(
            "PUT",
            key,
            headers: headers + [("If-None-Match", "*")],
            body: manifest,
            accepting: [200, 412, 501]
        )
        switch answer.status {
        case 412:
            // An attempt of which no answer came may have put it.
            if answer.repeats > 0, try await content(of: full) == manifest { return }
            throw isThere(full)
        case 501:
            // A service without conditional writes: then only this is left.
            guard try await list(full).allSatisfy({ $0.name != full }) else { throw isThere(full) }
            _ = try await client.send("PUT", key, headers: headers, body: manifest)
        default: return
        }
    }

    private func isThere(_ name: String) -> ReplicaKitError {
        ReplicaKitError(.backupStoreFailed, "\(location)\(name) is there already")
    }

    private func unexpected(_ what: String) -> ReplicaKitError {
        ReplicaKitError(
            .backupStoreFailed,
            "\(location): the answer is not \(what)",
            hint: "Is this the address of an S3 service?"
        )
    }
}

/// The MD5 of bytes, by which S3 services check what arrived. Against people who mean harm it says nothing.
struct S3Digest: Sendable {
    let bytes: [UInt8]

    init(_ content: [UInt8]) { bytes = Array(Insecure.MD5.hash(data: content)) }

    var base64: String { Data(bytes).base64EncodedString() }
    var hexadecimal: String { S3Signer.hexadecimal(bytes) }

    /// Whether an ETag is of other bytes. Those that are no MD5 at all (of encrypted objects, or of some services) say
    /// nothing.
    func contradicts(_ tag: String) -> Bool {
        let text = tag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        return text.count == 32 && text.allSatisfy(\.isHexDigit) && text.lowercased() != hexadecimal
    }
}
