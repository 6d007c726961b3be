import ReplicaKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds ports of the loopback that nothing listens at.
enum Ports {
    /// As many ports in a row: from MongoDB's own port on where they are free, else from one chosen at random below
    /// the range that systems give to outgoing connections (32768 on).
    static func free(_ count: Int) throws(ReplicaKitError) -> [Int] {
        let bases = [MemberAddress.defaultPort] + (0..<200).map { _ in Int.random(in: 20_000..<(32_700 - count)) }
        guard let base = bases.first(where: { ($0..<$0 + count).allSatisfy(isFree) }) else {
            throw ReplicaKitError(
                .portInUse,
                "found no \(count) free ports in a row on 127.0.0.1",
                hint: "Name the first with --port."
            )
        }
        return Array(base..<base + count)
    }

    /// Whether a server could listen at the port now.
    static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As mongod does: connections of an earlier server that are not quite over do not count.
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
