import ArgumentParser
import ReplicaKit

/// `rkctl member add`.
struct MemberAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a member: to the spec, to the host, to the set.",
        discussion: """
            It joins without a vote, copies the data, and only then gets its vote and priority. A member that the spec \
            has already is named alone; --host writes a new one into the spec.
            """
    )

    @Argument(help: ArgumentHelp("The member's name.", valueName: "member"), transform: MemberName.init(rawValue:))
    var member: MemberName

    @Option(help: ArgumentHelp("Where a new member listens.", valueName: "host:port"))
    var host: String?

    @Flag(help: "It votes and holds no data.")
    var arbiter = false

    @OptionGroup var options: MemberOptions
    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if host == nil, arbiter || !options.isEmpty {
            throw ValidationError("say --host HOST:PORT of the new member; one in the spec is named alone")
        }
    }

    func run() async throws {
        try await global.perform { session in
            guard let host else { return try await session.change(.apply([member]), changes) }
            let new = MemberSpec(name: member, host: try MemberAddress(host), arbiter: arbiter)
            try await session.change(.add(options.applied(to: new)), applying: member, changes)
        }
    }
}
