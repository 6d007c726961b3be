import Foundation

/// A client that shares nothing with what is tested (pymongo): it writes all the time while something is done to a set,
/// writes down every acknowledgement, and looks at the end which of them the set does not keep.
public enum IndependentWriter {
    /// Where and how it writes.
    public struct Input: Codable, Sendable {
        /// The set's name.
        public var set: String
        /// `HOST:PORT` of the members.
        public var members: [String]
        /// The user.
        public var user: String
        /// The user's password; it goes over standard input only.
        public var password: String
        /// The time between two writes of a stream, in seconds.
        public var interval = 0.005
        var ready = ""
        var stop = ""

        /// Creates an input.
        public init(set: String, members: [String], user: String, password: String) {
            self.set = set
            self.members = members
            self.user = user
            self.password = password
        }
    }

    /// What one kind of client saw.
    public struct Stream: Codable, Sendable {
        /// How many writes were acknowledged.
        public var acknowledged: Int
        /// How many attempts ended with an error.
        public var failed: Int
        /// The longest time between two acknowledgements, in seconds.
        public var longestGapSeconds: Double
        /// When that time ended, as times of guards and runs are written.
        public var longestGapEnded: String
        /// How many acknowledged writes are not there at the end.
        public var lost: Int
    }

    /// What all kinds of clients saw.
    public struct Report: Codable, Sendable, CustomStringConvertible {
        /// `w: majority`, retryable writes.
        public var majority: Stream
        /// `w: 1`, retryable writes.
        public var one: Stream
        /// `w: 1`, no retryable writes.
        public var plain: Stream

        /// One line for a log.
        public var description: String {
            [("majority", majority), ("w1", one), ("plain", plain)].map { name, stream in
                "\(name): \(stream.acknowledged) acknowledged, \(stream.failed) failed, gap "
                    + "\(Int(stream.longestGapSeconds * 1000)) ms until \(stream.longestGapEnded), \(stream.lost) lost"
            }.joined(separator: "; ")
        }
    }

    /// Writes while `body` does something, and says what came of it.
    public static func during<Result: Sendable>(
        _ input: Input,
        _ body: @Sendable () async throws -> Result
    ) async throws -> (result: Result, report: Report) {
        let files = try TemporaryDirectory(prefix: "writer")
        defer { files.remove() }
        var input = input
        (input.ready, input.stop) = (files.path("ready"), files.path("stop"))
        let (ready, stop, request) = (input.ready, input.stop, input)
        async let report = Judge.ask(script, input: request, as: Report.self, timeout: .seconds(600))
        // Whatever happens, the script ends, and only then this does.
        defer { _ = FileManager.default.createFile(atPath: stop, contents: nil) }
        let deadline = ContinuousClock.now + .seconds(90)
        while !FileManager.default.fileExists(atPath: ready) {
            guard ContinuousClock.now < deadline else { throw TestFailure("the writer could not begin") }
            try await Task.sleep(for: .milliseconds(20))
        }
        let result = try await body()
        _ = FileManager.default.createFile(atPath: stop, contents: nil)
        return (result, try await report)
    }

    private static let script = """
        import datetime, os, threading, time, pymongo
        from pymongo.errors import PyMongoError
        from pymongo.read_concern import ReadConcern

        def client(retry):
            return pymongo.MongoClient(input["members"], replicaSet=input["set"], username=input["user"],
                password=input["password"], retryWrites=retry, serverSelectionTimeoutMS=30000,
                connectTimeoutMS=2000, heartbeatFrequencyMS=500)

        def until(path):
            while not os.path.exists(path):
                time.sleep(0.01)

        class Stream(threading.Thread):
            def __init__(self, name, retry, w):
                super().__init__()
                self.collection = client(retry).get_database("writer").get_collection(
                    name, write_concern=pymongo.WriteConcern(w=w, wtimeout=30000))
                self.acknowledged, self.failed, self.gap, self.last, self.ended = [], 0, 0.0, None, ""
            def write(self, number):
                try:
                    self.collection.insert_one({"_id": number})
                except PyMongoError:
                    self.failed += 1
                    return
                now = time.monotonic()
                if self.last is not None and now - self.last > self.gap:
                    self.gap = now - self.last
                    self.ended = datetime.datetime.now(datetime.timezone.utc).isoformat()
                self.last = now
                self.acknowledged.append(number)
            def run(self):
                number = 0
                while not os.path.exists(input["stop"]):
                    number += 1
                    self.write(number)
                    if number == 20 and self.name_done is not None:
                        self.name_done.set()
                    time.sleep(input["interval"])
                # One more that is acknowledged, so that a gap at the end is seen as one.
                count, number = len(self.acknowledged), number + 1
                while len(self.acknowledged) == count:
                    self.write(number)
                    number += 1
            def report(self):
                reader = self.collection.with_options(read_concern=ReadConcern("majority"))
                there = {d["_id"] for d in reader.find({}, {"_id": 1})}
                return {"acknowledged": len(self.acknowledged), "failed": self.failed, "longestGapSeconds": self.gap,
                        "longestGapEnded": self.ended,
                        "lost": sum(1 for n in self.acknowledged if n not in there)}

        streams = {"majority": Stream("majority", True, "majority"), "one": Stream("one", True, 1),
                   "plain": Stream("plain", False, 1)}
        for stream in streams.values():
            stream.name_done = threading.Event()
            stream.start()
        for stream in streams.values():
            stream.name_done.wait(60)
        open(input["ready"], "w").close()
        for stream in streams.values():
            stream.join()
        # What the primary has not replicated yet is not lost.
        time_limit = time.monotonic() + 30
        result = {name: stream.report() for name, stream in streams.items()}
        while any(s["lost"] for s in result.values()) and time.monotonic() < time_limit:
            time.sleep(0.2)
            result = {name: stream.report() for name, stream in streams.items()}
        """
}
