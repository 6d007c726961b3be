import Foundation
import NIOCore
import ReplicaKit

/// Tells one receiver.
protocol AlertSender: Sendable {
    /// How many alerts one message tells of one by one.
    var capacity: Int { get }

    /// Tells it.
    ///
    /// - Returns: What the receiver answered, in a few words.
    /// - Throws: ``DeliveryFailure``, or whatever else went wrong, which is worth another try.
    func send(_ notification: AlertNotification) async throws -> String

    /// What ``send(_:)`` would send, for people, with `<redacted>` in the place of secrets.
    func preview(_ notification: AlertNotification) throws -> String
}

extension AlertSender {
    /// Tells the receiver of a route, within the route's time.
    func deliver(
        _ notification: AlertNotification,
        to route: AlertRoute,
        clock: any Clock<Duration>
    ) async throws -> String {
        let answer = try await clock.unlessLate(.seconds(route.timeoutSeconds)) { try await self.send(notification) }
        guard let answer else { throw DeliveryFailure(message: "no answer within \(route.timeoutSeconds) s") }
        return answer
    }
}

/// Why a receiver was not told.
struct DeliveryFailure: Error, CustomStringConvertible {
    /// What happened, without secrets.
    var message: String
    /// Whether the receiver said no, and will again until somebody changes something.
    var isPermanent = false
    /// How long the receiver asks to be left alone.
    var retryAfter: Duration?

    var description: String { message }

    /// What the system says of an error, without the call that failed.
    static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}

extension ReplicaKitError {
    /// The failure of a route, as the package's error.
    init(_ failure: any Error, route: AlertRoute) {
        if let error = failure as? ReplicaKitError {
            self = error
            return
        }
        let isPermanent = (failure as? DeliveryFailure)?.isPermanent ?? false
        self.init(
            isPermanent ? .alertRejected : .alertNotDelivered,
            "the alert route \"\(route.name)\" (\(route.receiver.kind.rawValue)) could not deliver: \(failure)",
            hint: isPermanent
                ? "Look at the route in the spec, and at the secrets that it names; then: rkctl monitor test-alert"
                : "Look whether the receiver runs and can be reached from here; then: rkctl monitor test-alert"
        )
    }
}
