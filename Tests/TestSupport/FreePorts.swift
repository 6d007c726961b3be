import Glibc
import Synchronization

/// Chooses loopback ports that nobody listens on, each at most once, also among test processes that run at the same
/// time: each port has a file, which the process that chose it keeps locked until it ends.
public enum FreePorts {
    private static let given = Mutex<Set<Int>>([])

    /// The next free port, below the range that the kernel takes for outgoing connections.
    public static func next() throws -> Int {
        let directory = "/tmp/.rk-test-ports-\(getuid())"
        mkdir(directory, 0o700)
        let first = Int(getpid()) * 101 % 9000
        for step in 0..<9000 {
            let port = 20000 + (first + step) % 9000
            guard given.withLock({ $0.insert(port).inserted }), reserve("\(directory)/\(port)") else { continue }
            if isFree(port) { return port }
        }
        throw TestFailure("no free port from 20000 to 28999")
    }

    /// Locks a port's file; it stays open, and so locked, until this process ends.
    private static func reserve(_ path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        close(descriptor)
        return false
    }

    /// That many free ports.
    public static func next(_ count: Int) throws -> [Int] { try (0..<count).map { _ in try next() } }

    /// Whether a server could listen on a port of all addresses.
    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } == 0
        }
    }
}
