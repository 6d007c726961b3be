import ArgumentParser
import ReplicaKit

/// `rkctl diagnose`.
struct DiagnoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Look for the cause of a symptom, and say what to do next.",
        discussion: """
            Without a symptom all are looked into: member (one is down), primary (there is none, or it changes), lag, \
            disk, connections, authentication, slow. Nothing is changed.
            """
    )

    @Argument(
        help: ArgumentHelp("What was noticed.", valueName: "symptom"),
        completion: .list(Symptom.allCases.map(\.rawValue)),
        transform: Self.symptom
    )
    var symptoms: [Symptom] = []

    @Option(help: ArgumentHelp("How far apart the two looks are.", valueName: "seconds"))
    var over = 2.0

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (0.1...3600).contains(over) else { throw ValidationError("--over must be from 0.1 to 3600 seconds") }
    }

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            session.output.note("looking twice, \(Format.seconds(over)) apart")
            let wanted = symptoms.isEmpty ? Symptom.allCases : symptoms
            let diagnosis = try await set.diagnose(wanted, over: .seconds(over))
            try session.output.result {
                DiagnosisView(diagnosis: diagnosis, wasAsked: !symptoms.isEmpty).lines(session.output.paint)
            } json: {
                try BSONEncoder().encode(diagnosis)
            }
        }
    }

    @Sendable private static func symptom(_ text: String) throws -> Symptom {
        if let symptom = Symptom(rawValue: text) { return symptom }
        throw ValidationError("the symptoms are: \(Symptom.allCases.map(\.rawValue).joined(separator: ", "))")
    }
}
