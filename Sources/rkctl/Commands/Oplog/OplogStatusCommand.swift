import ArgumentParser
import Foundation
import ReplicaKit
import ReplicaKitBackup

/// `rkctl oplog status`.
struct OplogStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the archive of the oplog covers, what can be restored with it, and where it has gaps.",
        discussion: """
            A moment can be restored to when a good backup lies before it, and the archive has all that came since. It \
            reads the store alone, and asks no member. --verify reads all slices and checks their hashes.
            """
    )

    @Flag(help: "Read everything, and check each hash and that each slice goes on where the one before it ended.")
    var verify = false

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let archive = keeper.oplogArchive
        let timelines = try await archive.timelines()
        let backups = timelines.isEmpty ? [] : try await keeper.catalogue.list()
        let recoverable = timelines.map { $0.recoverable(with: backups) }
        let problems = verify ? try await archive.verify() : []
        try session.output.result {
            timelines.isEmpty
                ? ["there is no archive of the oplog: rkctl oplog archive"]
                : zip(timelines, recoverable).flatMap { Self.lines($0, $1) }
                    + problems.map { "DAMAGED: \($0.message)" }
        } json: {
            [
                "timelines": .array(BSONArray(timelines.map { .document(Self.json($0)) })),
                "restorable": .array(BSONArray(recoverable.flatMap(\.self).map { .document(Self.json($0)) })),
                "problems": .array(BSONArray(problems.map { .string($0.message) })),
            ]
        }
        if let first = problems.first { throw first }
    }

    private static func lines(_ timeline: OplogTimeline, _ recoverable: [RecoverableWindow]) -> [String] {
        var lines = ["timeline \(timeline.id) of \(timeline.begin.set)"]
        let windows = timeline.windows
        if windows.isEmpty { lines.append("  nothing saved yet, after \(time(timeline.begin.after.timestamp))") }
        for (index, window) in windows.enumerated() {
            if index > 0 { lines.append("  GAP: slices are missing") }
            lines.append("  from \(time(window.after)) to \(time(window.last))")
        }
        if let end = timeline.end {
            lines.append("  ended (\(end.reason.rawValue)): \(end.message)")
        } else if let last = timeline.slices.last?.last {
            lines.append("  goes on; the last entry is \(Format.seconds(age(last))) old")
        }
        lines += recoverable.map { "  restorable from \(time($0.from)) to \(time($0.to)), base \($0.base)" }
        if recoverable.isEmpty, !windows.isEmpty {
            // Of a timeline that has ended no backup can come any more.
            let remedy = timeline.end == nil ? "; run `rkctl backup create`" : ""
            lines.append("  nothing restorable: no backup reaches into it\(remedy)")
        }
        return lines
    }

    private static func json(_ recoverable: RecoverableWindow) -> BSONDocument {
        [
            "from": .timestamp(recoverable.from), "to": .timestamp(recoverable.to),
            "base": .string(recoverable.base.rawValue),
        ]
    }

    private static func json(_ timeline: OplogTimeline) -> BSONDocument {
        let windows = timeline.windows.map { window -> BSONValue in
            ["after": .timestamp(window.after), "last": .timestamp(window.last)]
        }
        return [
            "timeline": .string(timeline.id), "set": .string(timeline.begin.set),
            "after": .timestamp(timeline.begin.after.timestamp), "slices": .integer(timeline.slices.count),
            "windows": .array(BSONArray(windows)),
            "lastAgeSeconds": timeline.slices.last.map { .double(age($0.last)) } ?? .null,
            "endReason": timeline.end.map { .string($0.reason.rawValue) } ?? .null,
            "endMessage": timeline.end.map { .string($0.message) } ?? .null,
        ]
    }

    private static func time(_ timestamp: BSONTimestamp) -> String {
        BSONDateTime(milliseconds: Int64(timestamp.seconds) * 1000).rfc3339
            + " (\(timestamp.seconds),\(timestamp.increment))"
    }

    private static func age(_ timestamp: BSONTimestamp) -> Double {
        max(0, Date.now.timeIntervalSince1970 - Double(timestamp.seconds)).rounded()
    }
}
