import Logging
import ReplicaKit
import ReplicaKitDocker
import ReplicaKitMongo
import ReplicaKitProcess

/// What a command works with while it runs.
struct Session: Sendable {
    /// The options it was given.
    let options: GlobalOptions
    /// What servers show as the name of the program.
    var applicationName = "rkctl"
    /// Where its results go.
    var output: Output { options.output }

    /// Reads the spec.
    func loadSpec() throws(ReplicaKitError) -> SpecFile { try SpecFile(loading: options.specPath) }

    /// The front door of the set that the spec describes. Nothing is reached yet.
    func replicaSet() throws -> ReplicaSet { try replicaSet(of: try loadSpec()) }

    /// The front door of the set of a spec that may not be written yet.
    func replicaSet(of file: SpecFile) throws -> ReplicaSet {
        let logger = Logger(label: "rkctl")
        let secrets = SecretStore(baseDirectory: file.baseDirectory)
        let tls = try file.spec.security.tls.map { tls in
            try TLSConfiguration(
                caFile: secrets.resolve(tls.caFile),
                clientCertificateKeyFile: tls.clientCertificateKeyFile.map(secrets.resolve)
            )
        }
        let host: any MemberHost =
            switch file.spec.runtime {
            case .process: try LocalProcessHost(spec: file.spec, baseDirectory: file.baseDirectory, logger: logger)
            case .docker: try DockerHost(spec: file.spec, baseDirectory: file.baseDirectory, logger: logger)
            case .external: ExternalHost()
            }
        return ReplicaSet(
            spec: file.spec,
            baseDirectory: file.baseDirectory,
            toolbox: Toolbox(
                driver: LibMongoCDriver(tls: tls, applicationName: applicationName, logger: logger),
                host: host,
                logger: logger
            ),
            limits: StepLimits(call: options.answerTimeout)
        )
    }
}
