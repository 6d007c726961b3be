extension ReplSetStatusReply {
    /// How far the initial sync is that this member is in (`initialSyncStatus`).
    public struct InitialSync: Sendable, Hashable {
        /// The server's document, whole.
        public let document: BSONDocument

        /// For how long it has run, in seconds.
        public var elapsedSeconds: Double? {
            document["totalInitialSyncElapsedMillis"]?.doubleValue.map { $0 / 1000 }
        }
        /// How long it will still take by the server's own estimate, in seconds; `nil` while it makes none.
        public var remainingSeconds: Double? {
            document["remainingInitialSyncEstimatedMillis"]?.doubleValue.map { $0 / 1000 }
        }
        /// How much data there is to copy, in bytes, uncompressed; `nil` while that is not known.
        public var totalBytes: Int64? { document["approxTotalDataSize"]?.int64Value }
        /// How much of it was copied, in bytes.
        public var copiedBytes: Int64? { document["approxTotalBytesCopied"]?.int64Value }
        /// How many attempts have failed.
        public var failedAttempts: Int { document["failedInitialSyncAttempts"]?.intValue ?? 0 }
        /// The member that it copies from.
        public var source: MemberAddress? {
            document.address("syncSourceHost") ?? document.address("initialSyncSource")
        }

        /// The part that is copied, from 0 to 1; `nil` while it is not known.
        public var fraction: Double? {
            guard let totalBytes, let copiedBytes, totalBytes > 0 else { return nil }
            return min(1, Double(copiedBytes) / Double(totalBytes))
        }

        /// How fast it copies, in bytes a second, since it began.
        public var bytesPerSecond: Double? {
            guard let copiedBytes, let elapsedSeconds, elapsedSeconds > 0 else { return nil }
            return Double(copiedBytes) / elapsedSeconds
        }
    }

    /// The progress of an initial sync; only while there is one.
    public var initialSync: InitialSync? { document["initialSyncStatus"]?.documentValue.map(InitialSync.init) }
}

extension ReplSetStatusReply.InitialSync: CustomStringConvertible {
    /// One line: a bar, the part that is copied, the rate and what is left.
    public var description: String {
        guard let fraction, let copiedBytes, let totalBytes else { return "copies the data" }
        let filled = Int(fraction * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let rate = bytesPerSecond.map { ", \(Self.megabytes($0)) MB/s" } ?? ""
        let left = remainingSeconds.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
        let failed = failedAttempts > 0 ? ", after \(failedAttempts) failed attempts" : ""
        return "\(bar) \(Int(fraction * 100)) % of \(Self.megabytes(Double(totalBytes))) MB copied"
            + (copiedBytes < totalBytes ? rate + left : "") + failed
    }

    private static func megabytes(_ bytes: Double) -> String {
        let tenths = (bytes / 100_000).rounded()
        return tenths < 100 ? "\(tenths / 10)" : "\(Int(tenths / 10))"
    }
}
