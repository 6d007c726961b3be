public import Logging

/// What the library works with: a driver, a host, a clock and a logger, and who to be on the servers.
public struct Toolbox: Sendable {
    /// Reaches the servers.
    public var driver: any MemberDriver
    /// Runs the processes.
    public var host: any MemberHost
    /// Measures deadlines and waits; a manual one in tests.
    public var clock: any Clock<Duration>
    /// Receives what is worth knowing later; never a secret.
    public var logger: Logger

    /// Creates a toolbox.
    public init(
        driver: any MemberDriver,
        host: any MemberHost,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "replicakit")
    ) {
        self.driver = driver
        self.host = host
        self.clock = clock
        self.logger = logger
    }
}
