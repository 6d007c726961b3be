extension ReplicaKitError {
    /// A stable error code, written `family.detail`.
    ///
    /// Families are matched in a `catch` or `switch`: `case .family(.connection)` is spelled
    /// `error.code ~= .connection`, or `error.code.family == .connection`.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// The text of the code, for example `connection.refused`.
        public let rawValue: String
        /// Creates a code from its text.
        public init(rawValue: String) { self.rawValue = rawValue }
        init(_ rawValue: String) { self.rawValue = rawValue }
        /// The text of the code.
        public var description: String { rawValue }
        /// The part before the dot.
        public var family: Family {
            Family(rawValue: rawValue.split(separator: ".", maxSplits: 1).first.map(String.init) ?? rawValue)
        }
    }

    /// A group of codes that a caller treats alike.
    public struct Family: RawRepresentable, Hashable, Sendable {
        /// The text before the dot of every code of the family.
        public let rawValue: String
        /// Creates a family from its text.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The member could not be reached, or stopped answering.
        public static let connection = Family(rawValue: "connection")
        /// The TLS handshake failed, or its files are unusable.
        public static let tls = Family(rawValue: "tls")
        /// The server did not accept who we say we are.
        public static let authentication = Family(rawValue: "authentication")
        /// The server answered, with an error.
        public static let server = Family(rawValue: "server")
        /// The members are not the replica set that was expected.
        public static let topology = Family(rawValue: "topology")
        /// The spec, or another input, is wrong: nothing was changed.
        public static let input = Family(rawValue: "input")
        /// The host could not do what it was asked with a member's process.
        public static let host = Family(rawValue: "host")
        /// A plan was refused, is locked, or stopped on the way.
        public static let plan = Family(rawValue: "plan")
        /// Nobody could be told of what was found.
        public static let alert = Family(rawValue: "alert")
        /// A backup, or the archive of the oplog, is not what it must be.
        public static let backup = Family(rawValue: "backup")
    }
}

/// Matches a code against a family in a `switch` or `catch`.
public func ~= (family: ReplicaKitError.Family, code: ReplicaKitError.Code) -> Bool {
    code.family == family
}

extension ReplicaKitError.Code {
    // MARK: connection
    /// Nothing listens at the member's address.
    public static let connectionRefused = Self("connection.refused")
    /// The member did not answer within the deadline.
    public static let connectionTimedOut = Self("connection.timedOut")
    /// The member closed the connection, or it broke.
    public static let connectionClosed = Self("connection.closed")
    /// The member's host name has no address.
    public static let hostNotFound = Self("connection.hostNotFound")
    /// The connection failed in another way.
    public static let connectionFailed = Self("connection.failed")

    // MARK: tls
    /// The member's certificate is not signed by the given CA, is expired, or names another host.
    public static let certificateUntrusted = Self("tls.certificateUntrusted")
    /// The handshake failed: one side speaks TLS and the other does not, or the client certificate was refused.
    public static let tlsFailed = Self("tls.failed")
    /// A TLS file is missing or unusable.
    public static let tlsConfiguration = Self("tls.configuration")

    // MARK: authentication
    /// Wrong user or password.
    public static let authenticationFailed = Self("authentication.failed")
    /// The server wants authentication and none was given, or the user lacks the privilege.
    public static let notAuthorized = Self("authentication.notAuthorized")
    /// The keyfile is not the one that the member runs with.
    public static let keyFileMismatch = Self("authentication.keyFileMismatch")

    // MARK: server
    /// The server failed the command: see ``ReplicaKitError/server``.
    public static let commandFailed = Self("server.commandFailed")
    /// The command needs the primary, and this member is not it.
    public static let notPrimary = Self("server.notPrimary")
    /// The server gave up at its own time limit (`maxTimeMS`): the effect may still come about.
    public static let serverTimedOut = Self("server.timedOut")
    /// The write was made but not acknowledged by as many members as asked.
    public static let writeConcernFailed = Self("server.writeConcernFailed")
    /// The reply is not what this command is documented to answer.
    public static let unexpectedReply = Self("server.unexpectedReply")

    // MARK: topology
    /// The server at this address is not a member of any replica set (a standalone, or a router).
    public static let notReplicaSetMember = Self("topology.notReplicaSetMember")
    /// The server at this address is a member of another replica set.
    public static let wrongReplicaSet = Self("topology.wrongReplicaSet")
    /// The member was started for the set but the set was never initiated.
    public static let notInitiated = Self("topology.notInitiated")
    /// Not one member could be reached.
    public static let noMemberReachable = Self("topology.noMemberReachable")
    /// The set has no primary.
    public static let noPrimary = Self("topology.noPrimary")
    /// The server would refuse this replica set config.
    public static let invalidConfig = Self("topology.invalidConfig")
    /// Someone else changed the config at the same time.
    public static let configConflict = Self("topology.configConflict")

    // MARK: input
    /// The spec is wrong: the message names the key and, where known, the line.
    public static let invalidSpec = Self("input.invalidSpec")
    /// A file that is needed does not exist or cannot be read.
    public static let fileUnreadable = Self("input.fileUnreadable")
    /// A file or directory could not be written.
    public static let fileUnwritable = Self("input.fileUnwritable")
    /// A file with a secret can be read by others.
    public static let fileTooOpen = Self("input.fileTooOpen")
    /// A secret that the spec names is not there.
    public static let secretMissing = Self("input.secretMissing")
    /// No member of that name is in the spec.
    public static let unknownMember = Self("input.unknownMember")
    /// Bytes are not valid BSON.
    public static let invalidBSON = Self("input.invalidBSON")
    /// Another argument is unusable.
    public static let invalidArgument = Self("input.invalidArgument")

    // MARK: host
    /// This host cannot do what was asked (for example start a process that someone else runs).
    public static let hostUnsupported = Self("host.unsupported")
    /// Another process listens on the member's port.
    public static let portInUse = Self("host.portInUse")
    /// There is no `mongod` where the spec says, or none on PATH.
    public static let binaryNotFound = Self("host.binaryNotFound")
    /// The binary is not a `mongod`, or not of a supported or the wanted version.
    public static let binaryUnsuitable = Self("host.binaryUnsuitable")
    /// The data directory belongs to another set or member, or another process has it open.
    public static let directoryInUse = Self("host.directoryInUse")
    /// The disk is full, or too full to start.
    public static let diskFull = Self("host.diskFull")
    /// The process ended while it was starting: the message has the last lines of its log.
    public static let startFailed = Self("host.startFailed")
    /// The member has not been created on this host.
    public static let memberAbsent = Self("host.memberAbsent")
    /// The process did not end within its grace, or had to be killed.
    public static let stopFailed = Self("host.stopFailed")
    /// The member's process does not run, and what was asked needs one.
    public static let memberNotRunning = Self("host.memberNotRunning")
    /// A program that was run beside a member did not end within its time.
    public static let programTimedOut = Self("host.programTimedOut")

    // MARK: plan
    /// A safety rule refused the plan; nothing was changed.
    public static let refused = Self("plan.refused")
    /// Another run holds the lock of this set.
    public static let locked = Self("plan.locked")
    /// A step did not reach what it must reach before the next within its deadline.
    public static let stepTimedOut = Self("plan.stepTimedOut")
    /// The set changed under the run: someone or something else did what the next step does not fit any more.
    public static let overtaken = Self("plan.overtaken")
    /// The run was interrupted between two steps.
    public static let interrupted = Self("plan.interrupted")
    /// The journal cannot be read or written.
    public static let journalFailed = Self("plan.journalFailed")

    // MARK: alert
    /// The receiver of an alert could not be reached, or failed: it is tried again.
    public static let alertNotDelivered = Self("alert.notDelivered")
    /// The receiver of an alert refused it, and will until somebody changes something.
    public static let alertRejected = Self("alert.rejected")

    // MARK: backup
    /// A backup's file is damaged: its hash, its frames or its BSON are wrong. The message has the file and the offset.
    public static let backupDamaged = Self("backup.damaged")
    /// There is no such backup, or it was never completed.
    public static let backupNotFound = Self("backup.notFound")
    /// An object is missing from the store.
    public static let backupObjectMissing = Self("backup.objectMissing")
    /// The store of the backups cannot be reached, or failed.
    public static let backupStoreFailed = Self("backup.storeFailed")
    /// The store of the backups does not let us in, or is not there: trying again does not help.
    public static let backupStoreRefused = Self("backup.storeRefused")
    /// What is kept is encrypted with another key, or none was given.
    public static let backupKeyWrong = Self("backup.keyWrong")
    /// The set changed in a way that the backup could not follow.
    public static let backupOvertaken = Self("backup.overtaken")
    /// The oplog has entries no more, or no longer, that the archive must hold: its timeline ends.
    public static let oplogGap = Self("backup.oplogGap")
    /// No backup and archive reach the wanted moment.
    public static let momentNotCovered = Self("backup.momentNotCovered")
    /// The target of a restore holds data already.
    public static let targetNotEmpty = Self("backup.targetNotEmpty")
    /// What was restored is not what was backed up.
    public static let backupDiffers = Self("backup.differs")
}
