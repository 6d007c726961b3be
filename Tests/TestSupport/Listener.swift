import Glibc

/// A socket that listens on a port of 127.0.0.1 and answers nobody: what takes a port away from a server.
public final class Listener: Sendable {
    /// The port.
    public let port: Int
    private let descriptor: Int32

    /// Listens on a port, or on a free one.
    public init(port: Int? = nil) throws {
        let port = try port ?? FreePorts.next()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else {
            close(descriptor)
            throw TestFailure("cannot listen on port \(port): errno \(errno)")
        }
        (self.port, self.descriptor) = (port, descriptor)
    }

    deinit { close(descriptor) }
}
