import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ReplicaKit

extension EngineClient {
    /// One look at what a container uses; engines before API 1.41 take two seconds for it.
    func stats(of name: String) async throws -> ContainerStats {
        let request = Request(
            path: ["containers", name, "stats"],
            query: [("stream", "false"), ("one-shot", "true")],
            action: "look at what the container \(name) uses"
        )
        return try await json(ContainerStats.self, request)
    }

    /// The processes of a running container.
    func processes(of name: String) async throws -> ContainerProcesses {
        try await json(
            ContainerProcesses.self,
            Request(path: ["containers", name, "top"], action: "list the processes of the container \(name)")
        )
    }

    /// Runs a program in a container and collects what it prints.
    ///
    /// - Returns: `nil` when it has not ended at the limit.
    func run(_ arguments: [String], in name: String, limit: Duration) async throws -> ProgramResult? {
        let action = "run \(arguments.first ?? "nothing") in the container \(name)"
        let exec = try await json(
            ExecReference.self,
            Request(
                method: .POST,
                path: ["containers", name, "exec"],
                body: .json(try JSONEncoder().encode(ExecRequest(Cmd: arguments))),
                action: action
            )
        )
        let start = Request(
            method: .POST,
            path: ["exec", exec.Id, "start"],
            body: .json(try JSONEncoder().encode(ExecStart())),
            action: action
        )
        return try await onTheWay(action) {
            try await self.clock.unlessLate(limit) {
                var output = ProgramOutput()
                for try await chunk in try await self.stream(start) { try output.add(chunk.readableBytesView) }
                try output.frames.finish()
                return try await output.result(exitCode: self.exitCode(of: exec.Id, action))
            }
        }
    }

    /// A program's exit code, once its output has ended.
    private func exitCode(of exec: String, _ action: String) async throws -> Int {
        let request = Request(path: ["exec", exec, "json"], action: action)
        let code = try await clock.poll(for: .seconds(5), every: .milliseconds(20)) {
            let details = try await self.json(ExecDetails.self, request)
            return details.Running == true ? nil : details.ExitCode
        }
        if let code { return code }
        throw ReplicaKitError(
            .engineFailed,
            "cannot \(action): its output ended, and the engine at \(endpoint) says that it goes on",
            hint: "Something between here and the engine cut the connection: try again."
        )
    }

    /// What happens to containers, from a moment on.
    func events(of containers: [String], since time: EngineTime) async throws -> JSONLines<EngineEvent> {
        let filters = [
            "type": ["container"], "container": containers,
            "event": ["start", "die", "kill", "pause", "unpause", "health_status"],
        ]
        let request = Request(
            path: ["events"],
            query: [
                ("since", time.since), ("filters", String(decoding: try JSONEncoder().encode(filters), as: UTF8.self)),
            ],
            action: "watch its events"
        )
        return JSONLines(try await stream(request))
    }

    /// Returns when the engine answers.
    func ping() async throws { try await send(Request(path: ["_ping"], action: "ask whether it answers")) }
}

/// What a program printed, as much as is kept.
private struct ProgramOutput {
    static let limit = 1 << 20

    var frames = StreamFrames()
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var isTruncated = false

    mutating func add(_ bytes: some Sequence<UInt8>) throws(StreamFrames.Malformed) {
        for frame in try frames.feed(bytes) {
            if frame.stream == 2 { keep(frame.payload, in: \.errors) } else { keep(frame.payload, in: \.output) }
        }
    }

    private mutating func keep(_ payload: ArraySlice<UInt8>, in stream: WritableKeyPath<Self, [UInt8]>) {
        let room = Self.limit - self[keyPath: stream].count
        if payload.count > room { isTruncated = true }
        self[keyPath: stream] += payload.prefix(room)
    }

    func result(exitCode: Int) -> ProgramResult {
        ProgramResult(
            exitCode: exitCode,
            output: String(decoding: output, as: UTF8.self),
            errorOutput: String(decoding: errors, as: UTF8.self),
            isTruncated: isTruncated
        )
    }
}
