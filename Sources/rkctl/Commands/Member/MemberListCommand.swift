import ArgumentParser
import ReplicaKit

/// `rkctl member list`.
struct MemberListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the members of the spec and of the set's config, and where the two differ."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let snapshot = try await session.replicaSet().snapshot()
            try snapshot.requireAuthenticated()
            let views = MemberListView.all(of: snapshot)
            try session.output.result {
                MemberListView.lines(views, session.output.paint, width: session.output.width)
            } json: {
                [
                    "set": .string(snapshot.setName.rawValue),
                    "members": .array(BSONArray(views.map { .document($0.json) })),
                ]
            }
        }
    }
}
