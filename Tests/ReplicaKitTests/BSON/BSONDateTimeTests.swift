import ReplicaKit
import Testing

@Suite("Dates and times as text")
struct BSONDateTimeTests {
    @Test(
        "Times are written in UTC, and read back",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_007, "2024-02-29T23:59:59.007Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "+10000-01-01T00:00:00Z"), (-62_167_219_200_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"), (.max, "+292278994-08-17T07:12:55.807Z"),
            (.min, "-292275055-05-16T16:47:04.192Z"),
        ] as [(Int64, String)]
    )
    func text(milliseconds: Int64, text: String) {
        #expect(BSONDateTime(milliseconds: milliseconds).rfc3339 == text)
        #expect(BSONDateTime(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        "Other spellings are read",
        arguments: [
            ("1970-01-01t00:00:00z", 0), ("1970-01-01 00:00:00Z", 0), ("1970-01-01T01:30:00+01:30", 0),
            ("1969-12-31T23:00:00-01:00", 0), ("1970-01-01T00:00:00.5Z", 500), ("1970-01-01T00:00:00.1239999Z", 123),
            ("1969-12-31T23:59:60Z", 0),
        ] as [(String, Int64)]
    )
    func spellings(text: String, milliseconds: Int64) {
        #expect(BSONDateTime(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00.Z", "1970-01-01T00:00Z",
            "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-01-32T00:00:00Z", "1970-01-00T00:00:00Z",
            "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z", "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00Zx",
            "+1970-01-01T00:00:0Z", "+292278994-08-17T07:12:55.808Z", "+9999999999-01-01T00:00:00Z",
            "１970-01-01T00:00:00Z",
        ]
    )
    func refusals(text: String) {
        #expect(BSONDateTime(rfc3339: text) == nil)
    }

    @Test("Every time survives its text")
    func roundTrips() {
        var random = SeededGenerator(seed: 3339)
        for _ in 0..<5000 {
            let shift = Int64(random.below(40))
            let time = BSONDateTime(milliseconds: Int64(bitPattern: random.next()) >> shift)
            #expect(BSONDateTime(rfc3339: time.rfc3339) == time)
        }
    }
}
