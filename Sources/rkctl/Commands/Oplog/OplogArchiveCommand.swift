import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl oplog archive`.
struct OplogArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Save the oplog as it is written, so that backups can be restored to any moment.",
        discussion: """
            It follows a secondary where it can, goes on with another member when that one fails, and runs until Ctrl-C. \
            When the oplog went on without it, it says so and fails: the next run begins anew, and needs a new backup.
            """
    )

    @Option(
        help: ArgumentHelp(
            "How often a slice is saved (default: backup.oplogIntervalSeconds of the spec).",
            valueName: "seconds"
        )
    )
    var interval: Int?

    @Flag(help: "Stop when all is saved that the set had when it began.")
    var once = false

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...3600).contains(interval ?? 1) else {
            throw ValidationError("--interval must be from 1 to 3600 seconds")
        }
    }

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let seconds = interval ?? keeper.set.spec.backup.oplogIntervalSeconds
        let output = session.output
        do {
            try await keeper.archiveOplog(.init(interval: .seconds(seconds)), untilCaughtUp: once) { event in
                try? output.event {
                    output.isQuiet ? [] : [event.text]
                } json: {
                    event.json
                }
            }
        } catch is CancellationError where !once {
            // Ctrl-C is how it ends.
        }
    }
}

extension OplogArchiveEvent {
    fileprivate var text: String {
        switch self {
        case .began(let timeline, let after):
            "a new timeline, \(timeline), begins after \(after.timestamp): make a backup now (rkctl backup create)"
        case .following(_, let after, let member): "following \(member) from \(after.timestamp) on"
        case .saved(let slice, let entries, let bytes):
            "saved through \(slice.last): \(entries) entries, \(Format.bytes(bytes))"
        case .interrupted(let error, let pause):
            "\(error.description); trying again in \(Format.seconds(pause / .seconds(1)))"
        case .ended(let timeline, let end): "the timeline \(timeline) ended: \(end.message)"
        }
    }

    fileprivate var json: BSONDocument {
        switch self {
        case .began(let timeline, let after):
            ["event": "began", "timeline": .string(timeline), "after": .timestamp(after.timestamp)]
        case .following(let timeline, let after, let member):
            [
                "event": "following", "timeline": .string(timeline), "after": .timestamp(after.timestamp),
                "member": .string(member.description),
            ]
        case .saved(let slice, let entries, let bytes):
            [
                "event": "saved", "timeline": .string(slice.timeline), "last": .timestamp(slice.last),
                "entries": .integer(entries), "bytes": .integer(bytes),
            ]
        case .interrupted(let error, let pause):
            [
                "event": "interrupted", "code": .string(error.code.rawValue), "message": .string(error.message),
                "member": error.member.map { .string($0.description) } ?? .null,
                "retryInSeconds": .double(pause / .seconds(1)),
            ]
        case .ended(let timeline, let end):
            [
                "event": "ended", "timeline": .string(timeline), "reason": .string(end.reason.rawValue),
                "message": .string(end.message),
            ]
        }
    }
}
