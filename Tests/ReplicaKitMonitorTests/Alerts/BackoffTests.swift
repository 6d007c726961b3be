import Testing

@testable import ReplicaKitMonitor

@Suite("Pauses after failures") struct BackoffTests {
    @Test("Twice as long each time up to a minute, half of it by chance; what is asked for, and a no, are kept")
    func pauses() {
        var backoff = Backoff()
        for attempt in 0..<12 {
            let whole = Duration.seconds(min(60, 1 << min(attempt, 10)))
            let pause = backoff.pause(after: DeliveryFailure(message: "500"))
            #expect(pause >= whole / 2 && pause <= whole, "\(attempt)")
        }
        let asked = backoff.pause(after: DeliveryFailure(message: "429", retryAfter: .seconds(77)))
        #expect(asked == .seconds(77))
        #expect(backoff.pause(after: DeliveryFailure(message: "429", retryAfter: .seconds(9_999))) == .seconds(3600))
        #expect(backoff.pause(after: DeliveryFailure(message: "404", isPermanent: true)) == .seconds(900))
    }
}
