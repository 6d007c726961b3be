internal import CMongoShim
import Logging
import ReplicaKit

/// The shim's client, as an object: used on one queue, by one call at a time.
final class ClientHandle {
    let pointer: OpaquePointer
    private let log: LibraryLog

    /// Makes a client that is not connected yet.
    init(_ settings: ClientSettings, line: OpaquePointer, log: LibraryLog) throws {
        MongoLibrary.start()
        var failure = rk_failure()
        let pointer = settings.withShimSettings { settings in
            withUnsafePointer(to: settings) { rk_client_new($0, line, &failure) }
        }
        guard let pointer else { throw DriverFailure(failure, reply: nil) }
        self.pointer = pointer
        self.log = log
    }

    deinit { rk_client_free(pointer) }

    /// Connects and authenticates; gives the server's answer to `hello`.
    func open() throws -> BSONDocument {
        try call { rk_client_open(pointer, &$0) }
        return try reply()
    }

    /// Runs one command; a reply with `ok: 0` is thrown.
    func run(_ command: BSONDocument, on database: String) throws -> BSONDocument {
        try send(command, on: database)
        return try reply()
    }

    /// Runs one command and leaves its reply where it is.
    func send(_ command: BSONDocument, on database: String) throws {
        try call { failure in
            command.bytes.withUnsafeBytes { bytes in
                rk_client_run(pointer, database, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &failure)
            }
        }
    }

    /// The length of the last reply.
    var replyLength: Int {
        var length = 0
        return rk_client_reply(pointer, &length) == nil ? 0 : length
    }

    /// A copy of the last reply.
    func reply() throws -> BSONDocument {
        guard let reply = copiedReply() else {
            throw DriverFailure(.unexpectedReply, text: "the reply is not a document")
        }
        return reply
    }

    private func copiedReply() -> BSONDocument? {
        var length = 0
        guard let bytes = rk_client_reply(pointer, &length) else { return nil }
        return try? BSONDocument(framed: Array(UnsafeBufferPointer(start: bytes, count: length)))
    }

    private func call(_ body: (inout rk_failure) -> Bool) throws {
        var failure = rk_failure()
        let done = body(&failure)
        log.drain(from: pointer)
        guard done else { throw DriverFailure(failure, reply: copiedReply()) }
    }
}
