extension BSONDateTime {
    private static let millisecondsInDay: Int64 = 86_400_000

    /// The time in UTC as RFC 3339 has it, such as `2024-05-01T12:00:00Z`, with three digits of a second's fraction
    /// where it is not zero.
    ///
    /// A year that four digits cannot hold, which RFC 3339 leaves out, is written with a sign and as many digits as
    /// it needs, and read again from that.
    public var rfc3339: String {
        let (day, time) = Self.floorDivide(milliseconds, by: Self.millisecondsInDay)
        let date = Self.civilDate(ofDay: day)
        let year =
            if 0...9999 ~= date.year {
                Self.padded(date.year, to: 4)
            } else {
                (date.year < 0 ? "-" : "+") + Self.padded(abs(date.year), to: 4)
            }
        let clock = [time / 3_600_000, time / 60_000 % 60, time / 1000 % 60].map { Self.padded($0, to: 2) }
        let fraction = time % 1000 == 0 ? "" : "." + Self.padded(time % 1000, to: 3)
        return "\(year)-\(Self.padded(date.month, to: 2))-\(Self.padded(date.day, to: 2))"
            + "T\(clock.joined(separator: ":"))\(fraction)Z"
    }

    /// Reads a date and time as RFC 3339 has it, such as `2024-05-01T14:00:00.5+02:00`; what is finer than a
    /// millisecond is dropped.
    /// - Returns: nil for any other text and for dates that do not exist. A leap second counts as the second after it.
    public init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = Self.year(from: &rest), Self.take("-", from: &rest),
            let month = Self.digits(2, from: &rest), Self.take("-", from: &rest),
            let day = Self.digits(2, from: &rest), Self.take("Tt ", from: &rest),
            let hour = Self.digits(2, from: &rest), Self.take(":", from: &rest),
            let minute = Self.digits(2, from: &rest), Self.take(":", from: &rest),
            let second = Self.digits(2, from: &rest),
            let fraction = Self.fraction(from: &rest),
            let offset = Self.zone(from: &rest),
            rest.isEmpty, 1...12 ~= month, hour < 24, minute < 60, second <= 60
        else {
            return nil
        }
        let dayNumber = Self.dayNumber(year: year, month: month, day: day)
        guard Self.civilDate(ofDay: dayNumber) == (year, month, day) else { return nil }
        let seconds = dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
        guard let milliseconds = Int64(exactly: Int128(seconds) * 1000 + Int128(fraction)) else { return nil }
        self.init(milliseconds: milliseconds)
    }

    // MARK: - The calendar

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    // Both conversions count years from March, so that the leap day is a year's last and every other month's start
    // is the same each year; 146,097 days are 400 years, and 719,468 lie between 0000-03-01 and the epoch.

    private static func civilDate(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }

    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    // MARK: - Text

    private static func padded(_ value: Int64, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func digits(_ count: Int, from text: inout ArraySlice<UInt8>) -> Int64? {
        guard text.count >= count else { return nil }
        var value: Int64 = 0
        for byte in text.prefix(count) {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        text = text.dropFirst(count)
        return value
    }

    private static func year(from text: inout ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        guard take("+-", from: &text) else { return digits(4, from: &text) }
        let count = text.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
        guard 4...9 ~= count, let year = digits(count, from: &text) else { return nil }
        return isNegative ? -year : year
    }

    private static func take(_ allowed: String, from text: inout ArraySlice<UInt8>) -> Bool {
        guard let byte = text.first, allowed.utf8.contains(byte) else { return false }
        text = text.dropFirst()
        return true
    }

    /// Reads a fraction of a second, if there is one, in milliseconds.
    private static func fraction(from text: inout ArraySlice<UInt8>) -> Int64? {
        guard take(".", from: &text) else { return 0 }
        let digits = text.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty else { return nil }
        text = text.dropFirst(digits.count)
        var padded = digits.prefix(3) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - digits.count))
        return Self.digits(3, from: &padded)
    }

    /// Reads the distance from UTC in seconds.
    private static func zone(from text: inout ArraySlice<UInt8>) -> Int64? {
        if take("Zz", from: &text) {
            return 0
        }
        let isWest = text.first == UInt8(ascii: "-")
        guard take("+-", from: &text), let hours = digits(2, from: &text), take(":", from: &text),
            let minutes = digits(2, from: &text), hours < 24, minutes < 60
        else {
            return nil
        }
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}

extension BSONDateTime: CustomStringConvertible {
    /// The time in UTC as RFC 3339 has it.
    public var description: String { rfc3339 }
}
