import Glibc
import ReplicaKit

extension LocalProcessHost {
    /// The least room that a member without data needs, in bytes: `mongod` allocates its first files and journal,
    /// and a set that begins on a nearly full disk ends at the first load.
    static let leastSpaceForFreshMember: UInt64 = 500 << 20

    /// Looks for what would make a start fail, and is told better before it than by a log after it.
    func checkBeforeStart(_ directory: MemberDirectory) throws {
        let paths = directory.paths
        guard let keyFile = FileStatus(of: paths.keyFile), keyFile.permissions & 0o077 == 0 else {
            throw ReplicaKitError(
                .fileTooOpen,
                "the keyfile \(paths.keyFile) can be read by others, and mongod refuses such a one",
                member: directory.member.host,
                hint: "chmod 400 \(paths.keyFile); if others may have read it, make the set a new keyfile."
            )
        }
        guard access(paths.directory, W_OK) == 0, access(paths.database, W_OK) == 0 else {
            throw SystemError("access", paths.directory).whileTrying(to: "start \"\(directory.member.name)\"")
        }
        if directory.isFresh, let free = freeSpace(at: paths.directory), free < Self.leastSpaceForFreshMember {
            throw ReplicaKitError(
                .diskFull,
                "\(free >> 20) MiB are free at \(paths.directory), and a new member needs "
                    + "\(Self.leastSpaceForFreshMember >> 20) MiB",
                member: directory.member.host,
                hint: "Free space on that file system, or give the spec another runtime directory."
            )
        }
        if let holder = LockTable.holders(of: paths.lockFile).first {
            throw directory.inUse(
                "is open in process \(holder) (\(ProcessTable.command(of: holder) ?? "unknown"))",
                hint: "Stop that process first: ps -fp \(holder)."
            )
        }
        switch PortCheck.probe(directory.member.host) {
        case .free: break
        case .taken: throw PortCheck.inUse(directory.member.host)
        case .notLocal:
            throw ReplicaKitError(
                .startFailed,
                "\(directory.member.host.host) is not an address of this machine, so no member can listen there",
                member: directory.member.host,
                hint: "Correct the member's host in the spec: for local processes usually 127.0.0.1."
            )
        }
    }
}

/// The bytes that this user may still write on the file system of a path.
func freeSpace(at path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
}
