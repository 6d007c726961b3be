import Glibc
import ReplicaKit

/// Who listens on a port of this machine.
enum ListeningSockets {
    /// A line of `/proc/net/tcp` or `/proc/net/tcp6` in state LISTEN.
    struct Entry: Sendable, Hashable {
        let port: Int
        let inode: UInt64
    }

    /// The listening sockets that a text in the format of `/proc/net/tcp` names.
    ///
    /// A line is `  0: 0100007F:7149 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 …`; `0A`
    /// is LISTEN, and the inode is the tenth field.
    static func parse(_ text: String) -> [Entry] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 10, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                let port = Int(fields[1][fields[1].index(after: colon)...], radix: 16), let inode = UInt64(fields[9])
            else { return nil }
            return Entry(port: port, inode: inode)
        }
    }

    /// The inodes of the sockets that listen on a port, or at a Unix socket's path.
    static func inodes(listeningAt address: MemberAddress) -> Set<UInt64> {
        if address.isUnixSocket {
            let text = (try? readSmallFile("/proc/net/unix", limit: 16 << 20)) ?? ""
            return Set(parseUnix(text, path: address.host))
        }
        let texts = ["/proc/net/tcp", "/proc/net/tcp6"].map { (try? readSmallFile($0, limit: 16 << 20)) ?? "" }
        return Set(texts.flatMap(parse).filter { $0.port == address.port }.map(\.inode))
    }

    /// The inodes of the sockets bound to a path, in a text in the format of `/proc/net/unix`:
    /// `0000000000000000: 00000002 00000000 00010000 0001 01 12345 /path`, where flag `00010000` says that it listens.
    static func parseUnix(_ text: String, path: String) -> [UInt64] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
            guard fields.count == 8, fields[3] == "00010000", fields[7] == path else { return nil }
            return UInt64(fields[6])
        }
    }

    /// The process that listens at an address, where this user may see it.
    static func holder(of address: MemberAddress) -> Int32? {
        let inodes = inodes(listeningAt: address)
        guard !inodes.isEmpty else { return nil }
        return ProcessTable.all().first { !ProcessTable.socketInodes(of: $0).isDisjoint(with: inodes) }
    }

    /// Whether a process listens at an address.
    static func listens(_ pid: Int32, at address: MemberAddress) -> Bool {
        let inodes = inodes(listeningAt: address)
        return !inodes.isEmpty && !ProcessTable.socketInodes(of: pid).isDisjoint(with: inodes)
    }
}
