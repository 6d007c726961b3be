import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup tag`.
struct BackupTagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Give a backup a tag, such as before-release-42, or take one away.",
        discussion: "A backup that has a tag is never pruned."
    )

    @OptionGroup var argument: BackupArgument

    @Argument(help: "The tag.")
    var tag: String

    @Flag(help: "Take the tag away.")
    var remove = false

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let tags = try await keeper.tag(argument.backup, tag, isThere: !remove)
        try session.output.result {
            ["\(argument.backup): \(tags.isEmpty ? "no tags" : tags.joined(separator: ", "))"]
        } json: {
            ["id": .string(argument.backup.rawValue), "tags": .array(BSONArray(tags.map { .string($0) }))]
        }
    }
}
