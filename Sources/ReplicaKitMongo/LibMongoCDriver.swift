public import Logging
public import ReplicaKit

/// The driver on libmongoc: opens connections to members of a replica set.
///
/// Every connection is a fresh client with one socket, directly to one member, on a queue of its own, so that a member
/// that hangs holds up nobody but those who wait for it. Deadlines and cancellation end a call that is blocked on the
/// network at once. A connection that was lost is never made again behind the caller's back.
///
/// Nothing is written to standard output or standard error: what libmongoc logs during a connection's calls goes to the
/// driver's logger at the levels debug and trace. Its log handler and its initialisation exist once in a process; a
/// program that uses libmongoc itself loses the log of its own calls.
public struct LibMongoCDriver: MemberDriver {
    private let tls: TLSConfiguration?
    private let applicationName: String
    private let logger: Logger

    /// Creates a driver.
    ///
    /// - Parameters:
    ///   - tls: The files for encrypted connections; `nil` for plain ones.
    ///   - applicationName: What servers show in their logs and in `currentOp`; cut at 128 bytes.
    ///   - logger: Receives what libmongoc logs, with the member's address; never a secret.
    public init(tls: TLSConfiguration? = nil, applicationName: String = "ReplicaKit", logger: Logger) {
        self.tls = tls
        self.applicationName = applicationName
        self.logger = logger
    }

    /// Opens a connection, lends it to `body`, and closes it whatever happens.
    ///
    /// - Parameters:
    ///   - address: The member: a host name, an IP address or a Unix socket.
    ///   - authentication: Who to be. ``ReplicaKit/MemberAuthentication/certificate`` needs a client certificate.
    ///   - timeout: The longest that looking up the name, connecting, TLS and authentication may take together.
    ///   - body: What to do with the connection.
    /// - Throws: ``ReplicaKit/ReplicaKitError`` of the families `connection`, `tls` and `authentication`,
    ///   `CancellationError`, or what `body` throws.
    public func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let deadline = Deadline(after: timeout)
        let settings = try ClientSettings(
            address: address,
            authentication: authentication,
            tls: tls,
            application: applicationName
        )
        let redactor = Redactor(settings.secrets)
        let errors = ErrorTranslator(
            address: address,
            authentication: authentication,
            redactor: redactor
        )
        var logger = logger
        logger[metadataKey: "member"] = "\(address)"
        let log = LibraryLog(logger: logger, redactor: redactor)
        let client = try MongoClient()
        do {
            let hello = try await errors.translating("connecting") {
                try await client.open(settings, by: deadline, log: log)
            }
            let connection = LibMongoCConnection(
                address: address,
                client: client,
                limits: ServerLimits(hello),
                errors: errors
            )
            let result = try await body(connection)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}
