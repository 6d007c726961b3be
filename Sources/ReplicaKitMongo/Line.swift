internal import CMongoShim
import ReplicaKit

/// A point on the monotonic clock at which a call gives up.
struct Deadline: Sendable, Equatable, Comparable {
    /// Microseconds of the shim's clock.
    let microseconds: Int64

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The deadline of something that may take this long from now on.
    init(after timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        // A century is for ever here, and leaves room for the addition.
        let bounded = min(max(seconds, 0), 3_155_760_000)
        microseconds = rk_now() + bounded * 1_000_000 + (seconds < 0 ? 0 : attoseconds / 1_000_000_000_000)
    }

    static var now: Deadline { Deadline(microseconds: rk_now()) }

    /// How long it is until then; zero afterwards.
    var left: Duration { .microseconds(max(0, microseconds - rk_now())) }

    static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}

/// The socket of one client, as a thing that any thread can cut.
///
/// `@unchecked Sendable`: the pointer never changes and lives as long as this object; of what can be done with it,
/// `rk_line_interrupt` is safe from any thread, and the deadline is set on the client's queue alone.
final class Line: @unchecked Sendable {
    private let pointer: OpaquePointer

    init() throws {
        guard let pointer = rk_line_new() else {
            throw DriverFailure(.library, text: "out of memory")
        }
        self.pointer = pointer
    }

    deinit { rk_line_release(pointer) }

    /// Makes the call that is running, and every later one, end at once.
    func interrupt() { rk_line_interrupt(pointer) }

    /// Sets when calls give up; only on the client's queue.
    func setDeadline(_ deadline: Deadline) { rk_line_set_deadline(pointer, deadline.microseconds) }

    /// Lends the pointer to a new client, which takes a reference of its own.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result { try body(pointer) }
}
