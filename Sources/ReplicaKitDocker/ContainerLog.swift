import AsyncHTTPClient
import NIOCore
import ReplicaKit

/// Gives the lines of a container's output as they are asked for, and waits for more where they are followed.
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
    private var isFirst = true
    /// When the container's present run began; what is older was handed out.
    private var run: String?

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
        frames = LogFrames(isRaw: isRaw)
    }

    /// The next line, or `nil` at the end, which a followed log has only by cancellation.
    func next() async throws -> String? {
        while lines.isEmpty {
            try Task.checkCancellation()
            if body == nil {
                guard try await open() else { return nil }
            }
            do {
                try await read()
            } catch let error as LogFrames.Malformed {
                throw engine.malformed(error, container)
            } catch let refusal as EngineRefusal {
                throw refusal.error(at: engine.endpoint)
            } catch let error as ReplicaKitError {
                throw error
            } catch {
                if Task.isCancelled { throw CancellationError() }
                throw ReplicaKitError.unreachable(engine.endpoint, "read the log of the container \(container)", error)
            }
        }
        return lines.removeFirst()
    }

    private func read() async throws {
        guard var iterator = body else { return }
        if let chunk = try await iterator.next(isolation: self) {
            body = iterator
            lines += try frames.feed(chunk.readableBytesView)
        } else {
            body = nil
            lines += try frames.finish()
            frames = LogFrames(isRaw: isRaw)
        }
    }

    /// Opens the output: first its end, then each new run of the container.
    private func open() async throws -> Bool {
        if isFirst {
            isFirst = false
            run = try await engine.container(container)?.State.StartedAt
            body = try await engine.logs(of: container, tail: lastLines, follow: follow).makeAsyncIterator()
            return true
        }
        guard follow else { return false }
        while true {
            guard let found = try await engine.container(container) else { return false }
            if found.isUp, found.State.StartedAt != run {
                run = found.State.StartedAt
                body = try await engine.logs(
                    of: container,
                    tail: nil,
                    follow: true,
                    since: DockerHost.since(run)
                ).makeAsyncIterator()
                return true
            }
            // Between two looks at a container that may be started again, for as long as somebody follows.
            try await clock.sleep(for: .milliseconds(250))
        }
    }
}
