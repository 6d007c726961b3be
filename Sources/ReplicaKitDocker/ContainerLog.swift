import AsyncHTTPClient
import NIOCore
import ReplicaKit

/// Gives the lines of a container's output as they are asked for, and waits for more where they are followed.
///
/// An engine's stream ends with the container's run, and also when the engine or a proxy restarts. A followed log is
/// therefore asked for in pieces, each from the time of the last line on, so that nothing is lost or told twice.
actor ContainerLog {
    private let engine: EngineClient
    private let container: String
    private let isRaw: Bool
    private let lastLines: Int
    private let follow: Bool
    private let clock: any Clock<Duration>

    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var frames: LogFrames
    private var lines: [String] = []
    /// The time of the last line, by the engine's clock; at first when following began.
    private var last: EngineTime?
    private var isFirst = true
    /// What the present piece begins after; `nil` for the first.
    private var resumedAt: EngineTime?
    /// The beginning of the run whose lines were all read, after it had ended.
    private var readRun: String?

    /// How long an engine may be away from a log that is followed.
    static let longestAbsence = Duration.seconds(60)
    private static let pause = Duration.milliseconds(250)

    init(
        engine: EngineClient,
        container: String,
        isRaw: Bool,
        lastLines: Int,
        follow: Bool,
        clock: any Clock<Duration>
    ) {
        (self.engine, self.container, self.isRaw) = (engine, container, isRaw)
        (self.lastLines, self.follow, self.clock) = (lastLines, follow, clock)
        frames = LogFrames(isRaw: isRaw, hasTimes: follow)
    }

    private var action: String { "read the log of the container \(container)" }

    /// The next line, or `nil` at the end, which a followed log has only by cancellation or when its container is removed.
    func next() async throws -> String? {
        while lines.isEmpty {
            try Task.checkCancellation()
            do {
                if body == nil {
                    guard try await open() else { return nil }
                }
                try await engine.onTheWay(action) { try await read() }
            } catch let refusal as EngineRefusal {
                throw refusal.error(at: engine.endpoint)
            }
        }
        return lines.removeFirst()
    }

    private func read() async throws {
        guard var iterator = body else { return }
        do {
            if let chunk = try await iterator.next(isolation: self) {
                body = iterator
                keep(try frames.feed(chunk.readableBytesView))
                return
            }
        } catch {
            // What was cut off comes again; what is wrong in itself does not get better.
            guard follow, !Task.isCancelled, !(error is StreamFrames.Malformed) else { throw error }
            return end()
        }
        if follow {
            keep((try? frames.finish()) ?? [])
        } else {
            keep(try frames.finish())
        }
        end()
    }

    private func end() {
        body = nil
        frames = LogFrames(isRaw: isRaw, hasTimes: follow)
    }

    private func keep(_ found: [LogFrames.Line]) {
        for line in found {
            if let time = line.time {
                // The engine gives the last line once more, as its time is included.
                if let resumedAt, time <= resumedAt { continue }
                last = last.map { max($0, time) } ?? time
            }
            lines.append(line.text)
        }
    }

    /// Opens the output: first its end, then what came after the last line.
    private func open() async throws -> Bool {
        if isFirst {
            if follow { last = try await engine.information().SystemTime.flatMap { EngineTime($0) } }
            body = try await engine.logs(of: container, tail: lastLines, follow: follow, withTimes: follow)
                .makeAsyncIterator()
            isFirst = false
            return true
        }
        guard follow else { return false }
        while true {
            // Between two looks at a container that may be started again, for as long as somebody follows.
            try await clock.sleep(for: Self.pause)
            switch try await resume() {
            case .gone: return false
            case .open: return true
            case .idle: continue
            }
        }
    }

    private enum Resumption { case gone, idle, open }

    /// Opens what came after the last line, if there may be something; an engine that is away is waited for.
    private func resume() async throws -> Resumption {
        var failure: ReplicaKitError?
        let found: Resumption? = try await clock.poll(for: Self.longestAbsence, every: Self.pause) {
            do {
                guard let found = try await engine.container(container) else { return .gone }
                guard found.isUp || found.State.StartedAt != readRun else { return .idle }
                body = try await engine.logs(of: container, tail: nil, follow: true, since: last, withTimes: true)
                    .makeAsyncIterator()
                readRun = found.isUp ? nil : found.State.StartedAt
                resumedAt = last
                return .open
            } catch let error as ReplicaKitError where error.code == .engineUnreachable {
                failure = error
                return nil
            }
        }
        if let found { return found }
        throw failure ?? ReplicaKitError.unreachable(engine.endpoint, action, StreamEnded())
    }
}
