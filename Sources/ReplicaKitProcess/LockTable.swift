/// The file locks of this machine, as `/proc/locks` lists them.
enum LockTable {
    /// The processes that hold a lock on a file; empty where none does or the list cannot be read.
    static func holders(of path: String) -> [Int32] {
        guard let status = FileStatus(of: path), let text = try? readSmallFile("/proc/locks") else { return [] }
        return holders(inode: status.inode, device: status.device, in: text)
    }

    /// The holders that a text in the format of `/proc/locks` names for a file.
    ///
    /// A line is `1: FLOCK  ADVISORY  WRITE 20484 fe:00:16253157 0 EOF`, with `->` after the number when the lock is
    /// only waited for. Process 0 is one of another pid namespace.
    static func holders(inode: UInt64, device: UInt64, in text: String) -> [Int32] {
        var found: [Int32] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 8, fields[1] != "->", let pid = Int32(fields[4]), pid > 0 else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, UInt64(place[2]) == inode, let major = UInt64(place[0], radix: 16),
                let minor = UInt64(place[1], radix: 16), (major, minor) == numbers(ofDevice: device),
                !found.contains(pid)
            else { continue }
            found.append(pid)
        }
        return found
    }

    /// The two halves of a device number, as the C library composes it.
    private static func numbers(ofDevice device: UInt64) -> (major: UInt64, minor: UInt64) {
        ((device >> 8) & 0xFFF | (device >> 32) & ~0xFFF, device & 0xFF | (device >> 12) & ~0xFF)
    }
}
