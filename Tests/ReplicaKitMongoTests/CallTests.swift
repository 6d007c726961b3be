import ReplicaKit
import Synchronization
import Testing

@testable import ReplicaKitMongo

@Suite("Calls that are awaited")
struct CallTests {
    private struct Failure: Error {}

    @Test func aResultIsGivenOnce() async throws {
        let call = PendingCall<Int>()
        let value = try await call.value {
            #expect(call.begin())
            call.finish(.success(1))
            call.finish(.success(2))
            #expect(!call.abandon(throwing: Failure()))
        }
        #expect(value == 1)
    }

    @Test func aCallThatEndedEarlyIsNotStarted() async {
        let call = PendingCall<Int>()
        #expect(!call.abandon(throwing: Failure()))
        await #expect(throws: Failure.self) {
            try await call.value { Issue.record("started") }
        }
    }

    @Test func abandoningTellsWhetherAThreadIsInIt() async {
        let queued = PendingCall<Int>()
        await #expect(throws: Failure.self) {
            try await queued.value { #expect(!queued.abandon(throwing: Failure())) }
        }
        #expect(!queued.begin())
        let running = PendingCall<Int>()
        await #expect(throws: Failure.self) {
            try await running.value {
                #expect(running.begin())
                #expect(running.abandon(throwing: Failure()))
            }
        }
    }

    @Test func deadlinesDoNotOverflow() {
        #expect(Deadline(after: .seconds(Int64.max)) > .now)
        #expect(Deadline(after: .seconds(-5)) <= .now)
        #expect(Deadline(after: .seconds(10)).left > .seconds(9))
        #expect(Deadline(after: .zero).left == .zero)
    }

    @Test("One queue works in order, and knows its thread")
    func queue() async {
        let queue = BlockingQueue()
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { done in
            for number in 0..<1000 {
                queue.async {
                    queue.checkIsolated()
                    seen.withLock { $0.append(number) }
                    if number == 999 { done.resume() }
                }
            }
        }
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test("Threads are there for every job at once, and end when they are idle")
    func threads() async throws {
        let threads = BlockingThreads(patience: .milliseconds(50))
        for _ in 0..<3 {
            let count = Mutex(0)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                // Each job ends only when all have begun, so each needs a thread.
                for _ in 0..<50 {
                    threads.run {
                        let all = count.withLock { count in
                            count += 1
                            return count == 50
                        }
                        if all { done.resume() }
                        while count.withLock({ $0 < 50 }) {}
                    }
                }
            }
        }
    }
}

@Suite("What a cursor is opened with")
struct CursorRequestTests {
    private func request(_ command: BSONDocument) -> CursorRequest {
        CursorRequest(command: command, database: "test", timeout: .seconds(1))
    }

    @Test func kinds() {
        #expect(!request(["find": "x"]).isTailable)
        #expect(request(["find": "x", "tailable": true]).isTailable)
        #expect(!request(["find": "x", "tailable": true]).waitsForData)
        #expect(request(["find": "x", "tailable": true, "awaitData": true]).waitsForData)
        let changes = request(["aggregate": 1, "pipeline": [["$changeStream": [:]]], "cursor": [:]])
        #expect(changes.isTailable && changes.waitsForData)
        #expect(!request(["aggregate": 1, "pipeline": [["$match": [:]]], "cursor": [:]]).isTailable)
    }

    @Test func batchSizes() {
        #expect(request(["find": "x"]).batchSize == nil)
        #expect(request(["find": "x", "batchSize": 0]).batchSize == nil)
        #expect(request(["find": "x", "batchSize": 5]).batchSize == 5)
        #expect(request(["aggregate": "x", "cursor": ["batchSize": 7]]).batchSize == 7)
    }
}
