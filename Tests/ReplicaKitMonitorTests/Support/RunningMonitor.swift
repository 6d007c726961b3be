import Foundation
import Logging
import ReplicaKit
import ReplicaKitMonitor
import ServiceLifecycle
import Synchronization
import TestSupport

/// A monitor that runs while a test needs it, on a free port of 127.0.0.1.
struct RunningMonitor: Sendable {
    let url: String

    /// Runs a monitor in a service group, lends it to `body` when it listens, and stops it gracefully.
    @discardableResult
    static func with<Result: Sendable>(
        _ sets: [ReplicaSet],
        interval: Duration = .milliseconds(500),
        endpoint: EndpointOptions = EndpointOptions(port: 0),
        lentRules: LentRules? = nil,
        observers: [Monitor.Observer] = [],
        _ body: @Sendable (RunningMonitor) async throws -> Result
    ) async throws -> Result {
        let (urls, url) = AsyncStream<String>.makeStream()
        let monitor = try Monitor(
            watching: sets,
            options: MonitorOptions(interval: interval, lentRules: lentRules, endpoint: endpoint),
            logger: .silent,
            observers: observers
        ) { notice in
            if case .listening(let text) = notice { url.yield(text) }
        }
        let group = ServiceGroup(services: [monitor], logger: .silent)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Where it cannot listen there will be no URL to wait for.
                defer { url.finish() }
                try await group.run()
            }
            var found: String?
            for await text in urls {
                found = text
                break
            }
            guard let found else {
                try await tasks.waitForAll()
                throw TestFailure("the monitor ended before it listened")
            }
            do {
                let result = try await body(RunningMonitor(url: found))
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return result
            } catch {
                tasks.cancelAll()
                throw error
            }
        }
    }

    /// What an independent client gets.
    struct Answer: Codable, Sendable {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    /// Asks with Python's own HTTP client. Headers go over standard input: one may be the token.
    func get(
        _ path: String,
        method: String = "GET",
        headers: [String: String] = [:],
        body: String? = nil,
        trusting caFile: String? = nil
    ) async throws -> Answer {
        struct Request: Codable {
            var url: String
            var method: String
            var headers: [String: String]
            var body: String?
            var caFile: String?
        }
        return try await Judge.ask(
            """
            import ssl, urllib.request, urllib.error
            context = ssl.create_default_context(cafile=input["caFile"]) if input.get("caFile") else None
            request = urllib.request.Request(input["url"], method=input["method"], headers=input["headers"],
                data=input["body"].encode() if input.get("body") else None)
            try:
                answer = urllib.request.urlopen(request, timeout=30, context=context)
            except urllib.error.HTTPError as error:
                answer = error
            result = {"status": answer.status, "body": answer.read().decode(),
                      "headers": {name.lower(): value for name, value in answer.headers.items()}}
            """,
            input: Request(url: url + path, method: method, headers: headers, body: body, caFile: caFile)
        )
    }

    /// Asks until the answer is as wanted.
    @discardableResult
    func wait(for what: String, at path: String, until isSo: (Answer) -> Bool) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let answer = try await get(path)
            if isSo(answer) { return answer }
            guard ContinuousClock.now < deadline else {
                throw TestFailure("waited for \(what); last: \(answer.status) \(answer.body.prefix(2000))")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
