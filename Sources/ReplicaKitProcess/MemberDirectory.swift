import Glibc
import ReplicaKit

/// A member's directory as it is now.
struct MemberDirectory: Sendable {
    /// The directory that holds all members' directories.
    let root: String
    let paths: MemberPaths
    let marker: MemberMarker
    let member: MemberSpec

    var finder: MemberProcessFinder { MemberProcessFinder(paths: paths) }

    /// Whether the directory is this member's; false when there is none, or nothing in it.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when it is another's.
    func isOurs() throws -> Bool { try presentMarker() != nil }

    /// The marker that is there, if it is this member's.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when the directory is another's.
    func presentMarker() throws -> MemberMarker? {
        guard let status = FileStatus(of: paths.directory) else { return nil }
        guard status.kind == .directory else { throw inUse("is not a directory") }
        switch try reporting("read \(paths.marker)", { try marker.compare(withFile: paths.marker) }) {
        case .ours(let found): return found
        case .foreign(let whose): throw inUse("belongs to \(whose)")
        case .missing: return nil
        }
    }

    /// Notes in the marker which server runs on the data from now on, and where the member listens.
    func record(server: MongodVersion) throws {
        var wanted = marker
        wanted.server = server.description
        guard try presentMarker() != wanted else { return }
        try reporting("write \(paths.marker)") {
            try writeAtomically(try wanted.encoded(), to: paths.marker, permissions: 0o600)
        }
    }

    /// Whether creation went through to its end.
    var isComplete: Bool {
        FileStatus(of: paths.config)?.kind == .file && FileStatus(of: paths.keyFile)?.kind == .file
            && FileStatus(of: paths.database)?.kind == .directory
    }

    /// Whether the member never had data.
    var isFresh: Bool { ((try? namesInDirectory(paths.database)) ?? []).isEmpty }

    /// How the member's last run ended, by what it left.
    func lastExit() -> MemberExit {
        let tail = (try? LogTail.text(of: paths.log, bytes: 1 << 17)) ?? ""
        return MemberExit(
            lockFileSize: FileStatus(of: paths.lockFile)?.size,
            lastWords: LastWords(logTail: tail)
        )
    }

    func inUse(
        _ why: String,
        hint: String = "Give the spec another runtime directory, or move what is there out of the way."
    ) -> ReplicaKitError {
        ReplicaKitError(
            .directoryInUse,
            "the directory of \"\(member.name)\", \(paths.directory), \(why)",
            member: member.host,
            hint: hint
        )
    }
}
