internal import CMongoShim
import ReplicaKit

/// What a cursor is opened with.
struct CursorRequest: Sendable {
    var command: BSONDocument
    var database: String
    var timeout: Duration
    /// The number of documents that the caller wants in each later reply, where it says so.
    var batchSize: BSONValue?

    init(command: BSONDocument, database: String, timeout: Duration) {
        self.command = command
        self.database = database
        self.timeout = timeout
        let size = command["batchSize"] ?? command[path: "cursor", "batchSize"]
        batchSize = size?.int64Value ?? 0 > 0 ? size : nil
    }

    /// Whether the cursor stays open at the end of the data and waits for more.
    var isTailable: Bool {
        command["tailable"]?.isTruthy == true || isChangeStream
    }

    /// Whether the server waits a while for something new before it answers with nothing.
    var waitsForData: Bool {
        command["awaitData"]?.isTruthy == true || isChangeStream
    }

    private var isChangeStream: Bool {
        command[path: "pipeline", "0", "$changeStream"] != nil
    }
}

/// A cursor of one client, read with `getMore` commands of our own so that every reply and error is the server's.
///
/// It lives in the client's isolation.
final class CursorState {
    /// How many bytes of documents are handed over at a time.
    static let batchBytes = 1 << 20

    private let client: ClientHandle
    private let line: Line
    private let timeout: Duration
    private let isTailable: Bool
    private let database: String
    private let getMore: BSONDocument
    private var id: Int64
    private var batch: OpaquePointer

    /// Runs the command.
    init(_ request: CursorRequest, on client: ClientHandle, line: Line) throws {
        try client.send(request.command, on: request.database)
        let (batch, id) = try Self.takeBatch(from: client)
        self.client = client
        self.line = line
        self.batch = batch
        self.id = id
        timeout = request.timeout
        isTailable = request.isTailable
        // The reply's namespace is not always the command's: listCollections answers with `db.$cmd.listCollections`.
        let namespace = String(cString: rk_batch_namespace(batch)).split(separator: ".", maxSplits: 1)
        database = namespace.first.map(String.init) ?? request.database
        getMore = Self.getMore(request, collection: namespace.count == 2 ? String(namespace[1]) : "")
    }

    deinit { rk_batch_free(batch) }

    /// `getMore` without the cursor's number, which comes first.
    private static func getMore(_ request: CursorRequest, collection: String) -> BSONDocument {
        var command: BSONDocument = ["collection": .string(collection)]
        if let size = request.batchSize { command.append("batchSize", size) }
        if request.waitsForData {
            // The server waits a second unless told otherwise; it must answer before the deadline.
            let (seconds, attoseconds) = (request.timeout / 2).components
            let milliseconds = seconds > 0 ? 1000 : max(1, attoseconds / 1_000_000_000_000_000)
            command.append("maxTimeMS", .int64(milliseconds))
        }
        return command
    }

    private static func takeBatch(from client: ClientHandle) throws -> (OpaquePointer, Int64) {
        // A write concern error can stand beside a cursor (`$out`), in a reply that is then short.
        if client.replyLength < 65_536 {
            let reply = try client.reply()
            if let error = ServerReply(reply).writeFailure {
                throw DriverFailure(.server, text: error.message, reply: reply)
            }
        }
        var id: Int64 = 0
        guard let batch = rk_batch_take(client.pointer, &id) else {
            throw DriverFailure(.unexpectedReply, text: "the reply has no cursor")
        }
        return (batch, id)
    }

    /// The next documents: about 1 MiB, fewer at the end or when a tailable cursor has no more for now; `nil` at the end.
    func next() throws -> DocumentBatch? {
        var count = 0
        var askedMore = false
        while rk_batch_next_length(batch) == 0 {
            guard id != 0 else { return nil }
            if askedMore { return DocumentBatch() }
            try readOn()
            askedMore = true
        }
        let capacity = try capacityForNext()
        let bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, used in
            while true {
                guard let free = buffer.baseAddress.map({ $0 + used }) else { return }
                used += rk_batch_fill(batch, free, capacity - used, &count)
                // What is left is too long for the room that is left, or there is nothing left.
                guard rk_batch_next_length(batch) == 0, id != 0, !isTailable, !askedMore else { return }
                try readOn()
                if rk_batch_next_length(batch) == 0 { askedMore = true }
            }
        }
        return DocumentBatch(bytes: bytes, count: count)
    }

    private func capacityForNext() throws -> Int {
        let next = rk_batch_next_length(batch)
        guard next >= 0 else { throw DriverFailure(.unexpectedReply, text: "the reply's batch is malformed") }
        let bound = id == 0 || isTailable ? rk_batch_length_limit(batch) : Self.batchBytes
        return max(Int(next), min(Self.batchBytes, bound))
    }

    private func readOn() throws {
        var command = BSONWriter()
        command.append(id, forKey: "getMore")
        command.append(contentsOf: getMore)
        line.setDeadline(Deadline(after: timeout))
        do {
            try client.send(command.finish(), on: database)
            let (batch, id) = try Self.takeBatch(from: client)
            rk_batch_free(self.batch)
            (self.batch, self.id) = (batch, id)
        } catch {
            id = 0
            throw error
        }
    }

    /// Frees the cursor on the server, if it is still there.
    func kill() throws {
        guard id != 0 else { return }
        let cursors: BSONArray = [.int64(id)]
        id = 0
        let collection = getMore["collection"] ?? ""
        try client.send(["killCursors": collection, "cursors": .array(cursors)], on: database)
    }
}
