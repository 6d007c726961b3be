public import ReplicaKit

extension LocalProcessHost {
    /// Chooses ports of 127.0.0.1 that nobody listens on now, for a spec that is being written.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - first: Where to begin to look, upwards.
    /// - Throws: ``ReplicaKitError/Code/portInUse`` when there are not so many up to 65535.
    public static func freePorts(_ count: Int, from first: Int = MemberAddress.defaultPort) throws -> [Int] {
        var found: [Int] = []
        for port in min(65535, max(1, first))...65535 where found.count < count {
            if PortCheck.probe(MemberAddress(host: "127.0.0.1", port: port)) == .free { found.append(port) }
        }
        guard found.count == count else {
            throw ReplicaKitError(
                .portInUse,
                "only \(found.count) of \(count) ports from \(first) to 65535 are free",
                hint: "Begin at a lower port."
            )
        }
        return found
    }
}
