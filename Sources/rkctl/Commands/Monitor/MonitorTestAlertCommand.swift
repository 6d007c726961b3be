import ArgumentParser
import ReplicaKit
import ReplicaKitMonitor

/// `rkctl monitor test-alert`.
struct MonitorTestAlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-alert",
        abstract: "Send a test, and its end, to the receivers of alerts, and say what they answered.",
        discussion: """
            Every route is tried, whatever it wants otherwise and at any hour: its quiet hours do not count. Exit code \
            1 when a receiver was not told.
            """
    )

    @Option(help: ArgumentHelp("Try this route only.", valueName: "name"))
    var route: String?

    @Option(
        help: ArgumentHelp("The priority that the test has: P0 to P3.", valueName: "P"),
        transform: { text in
            guard let priority = AlertPriority(rawValue: text.uppercased()) else {
                throw ValidationError("give P0, P1, P2 or P3")
            }
            return priority
        }
    )
    var priority = AlertPriority.p2

    @Flag(help: "Print what would be sent, without secrets, and send nothing.")
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let file = try session.loadSpec()
            let check = try AlertCheck(spec: file.spec, baseDirectory: file.baseDirectory)
            if dryRun {
                let previews = try await check.preview(route: route, priority: priority)
                return try session.output.result {
                    previews.flatMap { ["# route \($0.route.name)", $0.text, ""] }
                } json: {
                    let routes = previews.map {
                        ["route": .string($0.route.name), "text": .string($0.text)] as BSONDocument
                    }
                    return ["routes": .array(BSONArray(routes.map { .document($0) }))]
                }
            }
            let outcomes = try await check.run(route: route, priority: priority)
            try session.output.result {
                outcomes.map { $0.line(session.output.paint) }
            } json: {
                ["outcomes": .array(BSONArray(try outcomes.map { .document(try $0.json) }))]
            }
            if outcomes.contains(where: { $0.error != nil }) { throw ExitCode.failure }
        }
    }
}

extension AlertCheck.Outcome {
    fileprivate var error: ReplicaKitError? {
        if case .failure(let error) = result { error } else { nil }
    }

    fileprivate func line(_ paint: Paint) -> String {
        let message = "\(route.name) (\(route.receiver.kind.rawValue)), \(status.rawValue): "
        switch result {
        case .success(let answer): return message + paint(answer, .green) + " after \(Format.seconds(tookSeconds))"
        case .failure(let error): return message + error.lines(paint).joined(separator: "\n  ")
        }
    }

    fileprivate var json: BSONDocument {
        get throws {
            let answer: BSONValue
            let report: BSONValue
            switch result {
            case .success(let words): (answer, report) = (.string(words), .null)
            case .failure(let error):
                (answer, report) = (.null, .document(try BSONEncoder().encode(ErrorReport(error))))
            }
            return [
                "route": .string(route.name), "receiver": .string(route.receiver.kind.rawValue),
                "status": .string(status.rawValue), "answer": answer, "error": report,
                "tookSeconds": .double(tookSeconds),
            ]
        }
    }
}
