extension MemberConnection {
    /// Runs a typed command on this member and reads its reply.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: The deadline, network included. When it passes the connection is dead.
    /// - Returns: The reply. For a command that ends the connection (``ServerCommand/closesConnection``) a closed
    ///   connection is success.
    /// - Throws: What ``run(_:on:timeout:)`` throws, and ``ReplicaKitError/Code/unexpectedReply``, which names the
    ///   command and the field, when the reply is not what the command is documented to answer.
    public func run<Command: ServerCommand>(
        _ command: Command,
        timeout: Duration
    ) async throws -> Command.Reply {
        let document: BSONDocument
        do {
            document = try await run(command.encoded(), on: command.database, timeout: timeout)
        } catch let error as ReplicaKitError where Command.closesConnection && error.code == .connectionClosed {
            document = BSONDocument()
        }
        do {
            return try Command.Reply(document: document)
        } catch let error as ReplicaKitError {
            throw unexpected(Command.name, error.message, error)
        } catch {
            throw unexpected(Command.name, String(describing: error), error)
        }
    }

    private func unexpected(_ command: String, _ what: String, _ cause: any Error) -> ReplicaKitError {
        ReplicaKitError(
            .unexpectedReply,
            "the reply to \(command) cannot be read: \(what)",
            member: address,
            hint: "Look whether a mongod listens there, and of which version: servers 4.4 to 8.0 are known.",
            cause: cause
        )
    }
}
