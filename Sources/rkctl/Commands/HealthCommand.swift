import ArgumentParser
import Logging
import ReplicaKit
import ReplicaKitBackup
import ReplicaKitMonitor
import ReplicaKitS3

/// `rkctl health`.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Judge the set: what is wrong, how bad it is, and what to do.",
        discussion: """
            All members are asked at the same time. Exit codes are those of monitoring plugins: 0 all is well, \
            1 warning, 2 critical, 3 unknown, which includes a spec that cannot be read.

            Rates, such as latencies, need two looks: --over 10 takes them ten seconds apart, and --watch goes on. The \
            limits stand in the spec under `health`.
            """
    )

    enum Style: String, ExpressibleByArgument, CaseIterable {
        case text, json, nagios, prometheus
    }

    @Option(help: "What is printed: text, json, a line of a monitoring plugin (nagios), or metrics (prometheus).")
    var format = Style.text

    @Option(help: ArgumentHelp("Look twice, that far apart, and judge rates too.", valueName: "seconds"))
    var over: Double?

    @Option(
        defaultAsFlag: 2.0,
        help: ArgumentHelp("Look again and again until Ctrl-C, with this pause.", valueName: "seconds")
    )
    var watch: Double?

    @Flag(help: "List the rules instead: what each looks for, where, and the limits of the spec.")
    var rules = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        for (name, value) in [("--over", over), ("--watch", watch)] {
            guard let value, !(0.1...86_400).contains(value) else { continue }
            throw ValidationError("\(name) must be from 0.1 to 86400 seconds")
        }
        if over != nil, watch != nil { throw ValidationError("--watch looks more than once already: leave --over out") }
        if global.json, format == .nagios || format == .prometheus {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
    }

    func run() async throws {
        var options = global
        if format == .json { options.json = true }
        try await options.perform { session in
            do {
                if rules { return try list(session) }
                try await examine(session)
            } catch let code as ExitCode {
                throw code
            } catch {
                // Whoever runs plugins knows four exit codes, and "unknown" is the one for all this.
                let error = ReplicaKitError(presenting: error)
                if format == .nagios {
                    session.output.raw("UNKNOWN - \(error.message)\n")
                } else {
                    session.output.failure(error)
                }
                throw ExitCode(3)
            }
        }
    }

    private func examine(_ session: Session) async throws {
        let set = try session.replicaSet()
        var look: HealthLook?
        if let watch {
            return try await session.watching(every: .seconds(watch)) {
                let examination = try await set.examine(since: look, rules: await rules(set))
                look = examination.look
                return (lines(of: examination, set, session), try BSONEncoder().encode(examination.report))
            }
        }
        if let over {
            look = try await set.examine().look
            session.output.note("looking again in \(Format.seconds(over))")
            // Not a wait for anything: rates are what happens between two looks.
            try await set.toolbox.clock.sleep(for: .seconds(over))
        }
        let examination = try await set.examine(since: look, rules: await rules(set))
        let report = examination.report
        try session.output.result {
            lines(of: examination, set, session)
        } json: {
            try BSONEncoder().encode(report)
        }
        let code = NagiosView.exitCode(of: report)
        if code != 0 { throw ExitCode(code) }
    }

    /// The standard rules, and those about the backups where the set has any.
    private func rules(_ set: ReplicaSet) async -> [HealthRule] {
        // Whoever runs plugins waits for a minute at most.
        let backups = await BackupKeeper.healthRules(of: set, within: .seconds(30), logger: Logger(label: "rkctl"))
        return HealthRule.standard + backups
    }

    private func list(_ session: Session) throws {
        // The rules are the same for all sets; the limits are those of the spec, where there is one.
        let health = (try? session.loadSpec().spec.health) ?? HealthSpec()
        let view = RulesView(rules: HealthRule.standard + HealthRule.backups(nil), limits: health)
        try session.output.result {
            view.lines(session.output.paint, width: session.output.width)
        } json: {
            view.json
        }
    }

    private func lines(of examination: HealthExamination, _ set: ReplicaSet, _ session: Session) -> [String] {
        let report = examination.report
        return switch format {
        case .nagios: NagiosView(report: report, limits: set.spec.health).lines
        case .prometheus: examination.metrics().split(separator: "\n").map(String.init)
        case .text, .json:
            HealthView(report: report).lines(
                session.output.paint,
                width: session.output.width,
                showsAll: session.options.verbose
            )
        }
    }
}
