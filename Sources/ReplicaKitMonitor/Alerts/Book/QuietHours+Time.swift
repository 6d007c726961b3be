import Foundation
package import ReplicaKit

extension AlertRoute.QuietHours {
    /// When the quiet hours that a time lies in end, in seconds since 1970; `nil` when it lies in none.
    ///
    /// Both ends are what a clock on the wall shows. An hour that it shows twice is quiet twice, and an end that it
    /// leaves out is the first moment after it. A zone that is not known counts as UTC: that it is not was said before.
    func end(at now: Double) -> Double? {
        let zone = TimeZone(identifier: timeZone) ?? .gmt
        func offset(at time: Double) -> Double {
            Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: time)))
        }
        let day = 86_400.0
        let ofDay = (now + offset(at: now)).truncatingRemainder(dividingBy: day)
        let (begin, end) = (Double(from.minutes) * 60, Double(to.minutes) * 60)
        let isQuiet = begin < end ? ofDay >= begin && ofDay < end : ofDay >= begin || ofDay < end
        guard isQuiet else { return nil }
        let asShown = now + (end - ofDay + day).truncatingRemainder(dividingBy: day)
        // The clock may be put forward or back on the way. An end that is left out then seems to be over: look again
        // in a minute.
        let shifted = asShown + offset(at: now) - offset(at: asShown)
        return shifted > now ? shifted : now + 60
    }
}

extension ReplicaSetSpec {
    /// Time zones of quiet hours that do not exist. They are known where alerts are told, and not in the core, which has
    /// no time zones.
    package func timeZoneProblems() -> [SpecProblem] {
        alerts.routes.enumerated().compactMap { index, route in
            guard let zone = route.quietHours?.timeZone, TimeZone(identifier: zone) == nil else { return nil }
            return SpecProblem(
                ["alerts", "routes", "\(index)", "quietHours", "timeZone"],
                "there is no time zone \(zone.debugDescription): write one of the IANA database, such as Europe/Berlin, "
                    + "America/New_York or UTC"
            )
        }
    }
}
