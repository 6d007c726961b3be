extension ReplicaSetConfig {
    /// The `settings` of a config.
    public struct Settings: Sendable, Hashable {
        /// The document, whole.
        public let document: BSONDocument

        /// Whether secondaries may replicate from secondaries.
        public var isChainingAllowed: Bool { document["chainingAllowed"]?.isTruthy ?? true }

        /// How often members ask after each other, in milliseconds.
        public var heartbeatIntervalMillis: Int { number("heartbeatIntervalMillis") ?? 2000 }

        /// How long a member waits for the answer to a heartbeat, in seconds.
        public var heartbeatTimeoutSecs: Int { number("heartbeatTimeoutSecs") ?? 10 }

        /// How long a set is without a primary before a member runs for election, in milliseconds.
        public var electionTimeoutMillis: Int { number("electionTimeoutMillis") ?? 10000 }

        /// How long a new primary may catch up before it accepts writes, in milliseconds; -1 is without limit.
        public var catchUpTimeoutMillis: Int { number("catchUpTimeoutMillis") ?? -1 }

        /// How long a member that is ahead of a primary still catching up waits before it takes over, in milliseconds;
        /// -1 turns that off.
        public var catchUpTakeoverDelayMillis: Int { number("catchUpTakeoverDelayMillis") ?? 30000 }

        /// The custom write concerns: by name, how many different values of which tags must acknowledge.
        public var getLastErrorModes: BSONDocument { document["getLastErrorModes"]?.documentValue ?? BSONDocument() }

        /// The identity of the set, made by `replSetInitiate` and kept for good; `nil` before it.
        public var replicaSetID: ObjectID? { document["replicaSetId"]?.objectIDValue }

        private func number(_ name: String) -> Int? { document[name]?.intValue }
    }
}
