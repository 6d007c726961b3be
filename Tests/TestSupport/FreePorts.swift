import Glibc
import Synchronization

/// Chooses loopback ports that nobody listens on, each at most once in this process.
public enum FreePorts {
    private static let given = Mutex<Set<Int>>([])

    /// The next free port.
    ///
    /// Ports come from a range below the one that the kernel gives to outgoing connections, from a start that depends
    /// on the process, so that test processes that run at the same time rarely meet.
    public static func next() throws -> Int {
        let first = 20000 + Int(getpid()) * 101 % 9000
        for step in 0..<9000 {
            let port = 20000 + (first - 20000 + step) % 9000
            let isNew = given.withLock { $0.insert(port).inserted }
            if isNew, isFree(port) { return port }
        }
        throw TestFailure("no free port from 20000 to 28999")
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
