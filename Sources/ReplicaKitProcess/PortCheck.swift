import Glibc
import ReplicaKit

/// Finds out before a start whether a member's address is free, by binding it for a moment.
enum PortCheck {
    /// What binding an address showed.
    enum Finding: Sendable, Hashable {
        case free
        case taken
        /// The address is not one of this machine.
        case notLocal
    }

    /// Tries the addresses that a member would bind. Host names other than `localhost` are left to the server.
    static func probe(_ address: MemberAddress) -> Finding {
        if address.isUnixSocket { return .free }
        for host in MongodConfig.bindAddresses(of: address) {
            let finding = probe(host: host == "localhost" ? "127.0.0.1" : host, port: address.port)
            if finding != .free { return finding }
        }
        return .free
    }

    private static func probe(host: String, port: Int) -> Finding {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else { return .free }
        defer { freeaddrinfo(first) }
        let raw = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return .free }
        let descriptor = Descriptor(adopting: raw)
        // As mongod does: a connection that was closed a moment ago is no obstacle, a listener is.
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor.raw, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if first.pointee.ai_family == AF_INET6 {
            setsockopt(descriptor.raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size)
        }
        guard bind(descriptor.raw, first.pointee.ai_addr, first.pointee.ai_addrlen) != 0 else { return .free }
        switch errno {
        case EADDRINUSE: return .taken
        case EADDRNOTAVAIL: return .notLocal
        default: return .free
        }
    }

    /// The error of a taken port, with who has it where that shows.
    static func inUse(_ address: MemberAddress) -> ReplicaKitError {
        let place = address.isUnixSocket ? "the socket \(address)" : "port \(address.port)"
        var holder = "another process"
        var look = "ss -ltnp 'sport = :\(address.port)'"
        if let pid = ListeningSockets.holder(of: address) {
            holder = "process \(pid)" + (ProcessTable.command(of: pid).map { " (\($0))" } ?? "")
            look = "ps -fp \(pid)"
        }
        return ReplicaKitError(
            .portInUse,
            "\(place) is taken: \(holder) listens there",
            member: address,
            hint: "Look with: \(look). Stop that process, or give the member another port in the spec."
        )
    }
}
