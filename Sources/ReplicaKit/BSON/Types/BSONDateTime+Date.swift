#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension BSONDateTime {
    /// Makes a date and time of a `Date`, rounded to milliseconds; what does not fit becomes the nearest that does.
    public init(_ date: Date) {
        let value = (date.timeIntervalSince1970 * 1000).rounded()
        self.init(milliseconds: Int64(exactly: value) ?? (value < 0 ? .min : .max))
    }

    /// The same moment as a `Date`; beyond some 285,000 years from now milliseconds are lost.
    public var date: Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

extension BSONValue {
    /// The date and time as a `Date`, if this is one.
    public var dateValue: Date? {
        dateTimeValue?.date
    }
}
