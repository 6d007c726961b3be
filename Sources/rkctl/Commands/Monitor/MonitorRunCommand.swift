import ArgumentParser
import Logging
import ReplicaKit
import ReplicaKitBackup
import ReplicaKitMonitor
import ReplicaKitS3
import ServiceLifecycle

/// `rkctl monitor run`, which is what `rkctl monitor` does.
struct MonitorRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Look at the sets at an interval until Ctrl-C, and serve what is seen over HTTP.",
        discussion: """
            /metrics is for Prometheus, / for people, /api/status for programs, /healthz and /readyz for whatever runs \
            this. They answer from the last look: asking them costs the members nothing. What changes in a set is \
            printed, one line a change; what is wrong is told to the routes of `alerts` in each spec. Clients show the \
            token as a bearer token, or as the password of any name.
            """
    )

    @Argument(
        help: ArgumentHelp("Specs of sets to watch, together with that of --set where it is given.", valueName: "spec"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var specs: [String] = []

    @Option(help: ArgumentHelp("From one look at a set to the next.", valueName: "seconds"))
    var interval = 10.0

    @Option(help: ArgumentHelp("Where HTTP is served; port 0 takes a free one.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 9216)

    @Option(help: ArgumentHelp("Serve TLS with this certificate and its chain (PEM).", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key (PEM, mode 0600).", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("Let only those in who show what is in this file (mode 0600).", valueName: "file"))
    var tokenFile: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (0.1...86_400).contains(interval) else {
            throw ValidationError("--interval must be from 0.1 to 86400 seconds")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let output = session.output
            let sets = try paths.map { try session.replicaSet(of: try SpecFile(loading: $0)) }
            let routers = try sets.filter { !$0.spec.alerts.routes.isEmpty }.map { set in
                try AlertRouter(
                    spec: set.spec,
                    baseDirectory: set.baseDirectory,
                    logger: Logger(label: "rkctl")
                )
            }
            let monitor = try Monitor(
                watching: sets,
                options: options,
                logger: Logger(label: "rkctl"),
                observers: routers.map { router in { await router.receive($0) } }
            ) { notice in
                Self.show(notice, on: output)
            }
            // Ctrl-C is how it ends: requests that are being answered come to their end first.
            let group = ServiceGroup(services: [monitor] + routers, logger: Logger(label: "rkctl"))
            let running = Task { try await group.run() }
            try await withTaskCancellationHandler {
                try await running.value
            } onCancel: {
                Task { await group.triggerGracefulShutdown() }
            }
        }
    }

    private var paths: [String] { specs.isEmpty ? [global.specPath] : (global.set.map { [$0] } ?? []) + specs }

    private var options: MonitorOptions {
        let tls = tlsCertificate.flatMap { certificate in
            tlsKey.map { EndpointOptions.TLS(certificateFile: certificate, keyFile: $0) }
        }
        return MonitorOptions(
            interval: .milliseconds(Int64(interval * 1000)),
            lentRules: LentRules(HealthRule.backups(nil)) { set in
                await BackupKeeper.healthRules(of: set, within: .seconds(300), logger: Logger(label: "rkctl"))
            },
            endpoint: EndpointOptions(
                host: listen.host,
                port: listen.port,
                tls: tls,
                token: tokenFile.map(SecretReference.file)
            )
        )
    }

    private static func show(_ notice: Monitor.Notice, on output: Output) {
        switch notice {
        case .listening(let url): output.note("serving \(url) until Ctrl-C")
        case .exposed(let why): output.warning(why)
        case .event(let set, let event):
            try? output.event {
                ["\(event.at.rfc3339) \(set) \(event.kind.rawValue): \(event.message)"]
            } json: {
                var document: BSONDocument = ["set": .string(set.rawValue)]
                for (key, value) in try BSONEncoder().encode(event) { document[key] = value }
                return document
            }
        }
    }
}

/// An address to listen on.
struct ListenAddress: ExpressibleByArgument {
    /// The host, without brackets.
    var host: String
    /// The port; 0 for any that is free.
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    var defaultValueDescription: String { "\(host):\(port)" }
}
