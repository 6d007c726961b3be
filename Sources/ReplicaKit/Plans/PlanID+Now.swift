#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PlanID {
    /// A new id: the time in UTC to the millisecond, and four random characters.
    public init() {
        let format = Date.ISO8601FormatStyle(
            dateSeparator: .omitted,
            dateTimeSeparator: .standard,
            timeSeparator: .omitted,
            includingFractionalSeconds: true
        )
        let time = Date.now.formatted(format).filter { $0 != "." }
        let random = String(UInt16.random(in: .min ... .max), radix: 16)
        self.init(rawValue: "\(time)-\(String(repeating: "0", count: 4 - random.count))\(random)")
    }
}
