extension ReplicaSetConfig {
    /// One member in a config, read from its document.
    public struct Member: Sendable, Hashable {
        /// The member's document (`members[]`), whole.
        public let document: BSONDocument
        /// The member's number (`_id`).
        public let id: MemberID
        /// Where it listens, as the other members know it (`host`).
        public let host: MemberAddress

        /// Reads a member; nil when it has no number or no host.
        public init?(document: BSONDocument) {
            guard let id = document["_id"]?.intValue, let host = document["host"]?.stringValue else { return nil }
            self.document = document
            self.id = MemberID(rawValue: id)
            self.host = MemberAddress(fromServer: host)
        }

        /// The votes that the config gives it, 0 or 1. See ``isVoter`` for those that count.
        public var votes: Int { document["votes"]?.doubleValue.map { abs($0) < 1 ? 0 : 1 } ?? 1 }

        /// How much it is preferred as the primary, 0 to 1000. See ``isElectable``.
        public var priority: Double { document["priority"]?.doubleValue ?? (isArbiter ? 0 : 1) }

        /// Whether clients do not see it.
        public var isHidden: Bool { document["hidden"]?.isTruthy ?? false }

        /// Whether it votes and holds no data (`arbiterOnly`).
        public var isArbiter: Bool { document["arbiterOnly"]?.isTruthy ?? false }

        /// How many seconds behind it stays on purpose (`secondaryDelaySecs`; `slaveDelay` before 5.0).
        public var delaySeconds: Int { (document["secondaryDelaySecs"] ?? document["slaveDelay"])?.intValue ?? 0 }

        /// Whether it builds indexes.
        public var buildsIndexes: Bool { document["buildIndexes"]?.isTruthy ?? true }

        /// Whether the server does not count it as a voter yet, because it has not finished its initial sync
        /// (`newlyAdded`).
        ///
        /// `replSetGetConfig` shows the mark only when it is asked with `$_internalIncludeNewlyAdded: true`.
        public var isNewlyAdded: Bool { document["newlyAdded"]?.isTruthy ?? false }

        /// The tags, for read preferences and custom write concerns.
        public var tags: [String: String] { texts("tags") }

        /// The addresses by which clients of other networks reach it, by the name of the horizon.
        public var horizons: [String: String] { texts("horizons") }

        /// Whether its vote counts now.
        public var isVoter: Bool { votes > 0 && !isNewlyAdded }

        /// Whether it can become the primary now, as far as the config says.
        public var isElectable: Bool { priority > 0 && !isArbiter && !isNewlyAdded }

        private func texts(_ key: String) -> [String: String] {
            var texts: [String: String] = [:]
            for (name, value) in document[key]?.documentValue ?? BSONDocument() {
                texts[name] = value.stringValue
            }
            return texts
        }
    }
}

extension ReplicaSetConfig.Member: CustomStringConvertible {
    /// The number and the address.
    public var description: String { "\(id) \(host)" }
}
