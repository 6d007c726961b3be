import Glibc

/// What `lstat` says of a file.
struct FileStatus: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case file, directory, symbolicLink, other }

    let kind: Kind
    let permissions: UInt32
    let size: Int
    let device: UInt64
    let inode: UInt64
    /// In seconds since 1970.
    let modifiedAt: Double

    /// The status of the file itself, of a symbolic link as such; `nil` when there is none.
    init?(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(ofOpen descriptor: borrowing Descriptor) {
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        permissions = UInt32(status.st_mode & 0o7777)
        size = Int(status.st_size)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modifiedAt = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }
}
