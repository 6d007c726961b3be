import ReplicaKit

/// What the monitor knows of one set: a value that looks are added to.
struct SetRecord: Sendable {
    /// The name of the set.
    let name: ReplicaSetName
    /// The last look that succeeded.
    private(set) var examination: HealthExamination?
    /// Why the last look failed, if it did. Members that do not answer are no failure: it is one when the look could
    /// not be taken at all, as when the administrator's password cannot be read.
    private(set) var failure: ReplicaKitError?
    /// How many looks succeeded.
    private(set) var looks = 0
    /// How many looks failed.
    private(set) var failures = 0
    /// What is plotted.
    private(set) var history = SetHistory()
    /// What changed, newest last.
    private(set) var events: [SetEvent] = []
    private var chronicle = SetChronicle()

    /// How many events are kept.
    static let eventLimit = 200

    init(name: ReplicaSetName) {
        self.name = name
    }

    /// Adds a look, and tells what changed with it.
    mutating func add(_ examination: HealthExamination) -> [SetEvent] {
        let new = chronicle.add(examination)
        events = (events + new).suffix(Self.eventLimit)
        history.add(examination.report)
        self.examination = examination
        failure = nil
        looks += 1
        return new
    }

    /// Notes that a look failed.
    mutating func fail(_ error: ReplicaKitError) {
        failure = error
        failures += 1
    }
}
