import Dispatch
import Logging
import ReplicaKit
import Synchronization

/// One client of libmongoc with its one connection, on a queue of its own.
///
/// What blocks runs in the actor's isolation and therefore on that queue; callers await it through ``call(by:_:)``,
/// which returns when they are cancelled or their deadline passes even if the thread does not.
actor MongoClient {
    private let executor = BlockingQueue()
    private let line: Line
    private let waiting = Atomic<Int>(0)
    private let gone = Atomic<Bool>(false)
    private var handle: ClientHandle?
    private var cursors: [Int: CursorState] = [:]
    private var lastCursor = 0

    private static let deadlines = DispatchQueue(label: "replicakit.mongo.deadlines")
    /// How long the end of a session may hold up whoever closes a connection.
    private static let closingTime = Duration.seconds(1)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init() throws {
        line = try Line()
    }

    deinit { line.interrupt() }

    /// Runs `work` on the client's queue and waits for it until the deadline.
    nonisolated func call<Value: Sendable>(
        by deadline: Deadline,
        mayHang: Bool = false,
        _ work: @escaping @Sendable (isolated MongoClient) throws -> Value
    ) async throws -> Value {
        if gone.load(ordering: .acquiring) {
            throw DriverFailure(.closed, text: "the connection was given up after an earlier error")
        }
        let call = PendingCall<Value>()
        let isAlone = waiting.add(1, ordering: .relaxed).newValue == 1
        defer { waiting.subtract(1, ordering: .relaxed) }
        // The shim ends its own waits at the deadline. A timer is needed only where something else may take long:
        // looking up a name, or another call of the same connection.
        let timer = mayHang || !isAlone ? startTimer(at: deadline, for: call) : nil
        defer { timer?.cancel() }
        return try await withTaskCancellationHandler {
            try await call.value {
                executor.async {
                    guard call.begin() else { return }
                    self.assumeIsolated { client in
                        client.line.setDeadline(deadline)
                        call.finish(Result { try work(client) }.mapError { client.noted($0) })
                    }
                }
            }
        } onCancel: {
            abandon(call, throwing: CancellationError())
        }
    }

    private nonisolated func startTimer<Value>(at deadline: Deadline, for call: PendingCall<Value>)
        -> any DispatchSourceTimer
    {
        let timer = DispatchSource.makeTimerSource(queue: Self.deadlines)
        timer.setEventHandler { [self] in
            abandon(call, throwing: DriverFailure(.timedOut, text: "the deadline passed"))
        }
        timer.schedule(deadline: .now() + DispatchTimeInterval(deadline.left + .milliseconds(50)))
        timer.activate()
        return timer
    }

    private nonisolated func abandon<Value>(_ call: PendingCall<Value>, throwing error: any Error) {
        if call.abandon(throwing: error) {
            gone.store(true, ordering: .releasing)
            line.interrupt()
        }
    }

    /// Remembers that the connection is dead, where that is what the error says.
    private func noted(_ error: any Error) -> any Error {
        if let failure = error as? DriverFailure, failure.endsConnection {
            gone.store(true, ordering: .releasing)
        }
        return error
    }

    /// Connects, shakes hands and authenticates; gives the server's answer to `hello`.
    nonisolated func open(_ settings: ClientSettings, by deadline: Deadline, log: LibraryLog) async throws
        -> BSONDocument
    {
        try await call(by: deadline, mayHang: true) { client in
            let handle = try client.line.withPointer { try ClientHandle(settings, line: $0, log: log) }
            client.handle = handle
            return try handle.open()
        }
    }

    /// Ends the server's session and closes the connection: at once when it is dead or the task is cancelled.
    nonisolated func close() async {
        let deadline = Deadline(after: Self.closingTime)
        if !gone.load(ordering: .acquiring), !Task.isCancelled {
            try? await call(by: deadline) { client in
                for cursor in client.cursors.values { try? cursor.kill() }
                client.release()
            }
        }
        gone.store(true, ordering: .releasing)
        line.interrupt()
        executor.async { self.assumeIsolated { $0.release() } }
    }

    private func release() {
        cursors = [:]
        handle = nil
    }
}

// MARK: - Work on the client's queue

extension MongoClient {
    private func open() throws -> ClientHandle {
        guard let handle else { throw DriverFailure(.closed, text: "the connection is closed") }
        return handle
    }

    /// Runs one command.
    func run(_ command: BSONDocument, on database: String) throws -> BSONDocument {
        try open().run(command, on: database)
    }

    /// Runs a command that answers with a cursor, and keeps the cursor.
    func openCursor(_ request: CursorRequest) throws -> Int {
        let state = try CursorState(request, on: open(), line: line)
        lastCursor += 1
        cursors[lastCursor] = state
        return lastCursor
    }

    /// Reads on.
    func nextBatch(of cursor: Int) throws -> DocumentBatch? {
        guard let state = cursors[cursor] else { return nil }
        guard let batch = try state.next() else {
            cursors[cursor] = nil
            return nil
        }
        return batch
    }

    /// Frees the cursor on the server.
    func closeCursor(_ cursor: Int) throws {
        try cursors.removeValue(forKey: cursor)?.kill()
    }
}
