import Foundation
import Testing

@testable import ReplicaKit

@Suite("BSON values")
struct BSONValueTests {
    @Test(
        "Integers are read from any number without a fraction that fits",
        arguments: [
            (.int32(-5), -5), (.int64(1 << 40), 1 << 40), (3.0, 3), (.double(-0.0), 0), (2.5, nil),
            (.double(.nan), nil),
            (.double(.infinity), nil), (.double(1e300), nil), ("3", nil), (true, nil), (nil, nil),
        ] as [(BSONValue, Int64?)]
    )
    func integers(value: BSONValue, expected: Int64?) {
        #expect(value.int64Value == expected)
        #expect(value.intValue == expected.map { Int($0) })
    }

    @Test(
        "Truth is the server's",
        arguments: [
            (true, true), (false, false), (1, true), (0, false), (.int64(0), false), (1.0, true),
            (.double(-0.0), false),
            (.double(.nan), true), (nil, false), (.undefined, false), ("", true), ([], true), ([:], true),
            (.decimal128(Decimal128(isNegative: true, coefficient: 0, exponent: 3)), false),
            (.decimal128(.nan), true), (.minKey, true),
        ] as [(BSONValue, Bool)]
    )
    func truth(value: BSONValue, expected: Bool) {
        #expect(value.isTruthy == expected)
    }

    @Test("Doubles are read from any number")
    func doubles() {
        #expect(BSONValue.int32(2).doubleValue == 2)
        #expect(BSONValue.int64(-2).doubleValue == -2)
        #expect(BSONValue.decimal128(Decimal128(isNegative: false, coefficient: 15, exponent: -1)).doubleValue == 1.5)
        #expect(BSONValue.string("2").doubleValue == nil)
    }

    @Test("Literals take the smallest integer type")
    func literals() {
        #expect((2_147_483_647 as BSONValue).type == .int32)
        #expect((2_147_483_648 as BSONValue).type == .int64)
        #expect((-2_147_483_648 as BSONValue).type == .int32)
        #expect(BSONValue.integer(1) == 1)
        #expect(("a\(1)" as BSONValue).stringValue == "a1")
    }

    @Test("Each accessor answers for its type alone")
    func accessors() {
        let samples = BSONSamples.all.flatMap { $0.map(\.value) }
        for value in samples {
            #expect((value.stringValue != nil) == (value.type == .string))
            #expect((value.documentValue != nil) == (value.type == .document))
            #expect((value.arrayValue != nil) == (value.type == .array))
            #expect((value.boolValue != nil) == (value.type == .bool))
            #expect((value.dateTimeValue != nil) == (value.type == .dateTime))
            #expect((value.timestampValue != nil) == (value.type == .timestamp))
            #expect((value.objectIDValue != nil) == (value.type == .objectID))
            #expect((value.binaryValue != nil) == (value.type == .binary))
            #expect(value.isNull == (value.type == .null || value.type == .undefined))
        }
        #expect(Set(samples.map(\.type)) == Set(BSONType.allCases))
        #expect(Set(BSONType.allCases.map(\.alias)).count == BSONType.allCases.count)
    }

    @Test("Arrays are read without their keys, and written with the right ones")
    func arrays() throws {
        let array = BSONArray(document: ["x": 1, "": 2, "x": 3])
        #expect(Array(array) == [1, 2, 3])
        #expect((array.count, array.isEmpty) == (3, false))
        #expect(array[2] == 3)
        #expect(array[3] == nil)
        #expect(array[-1] == nil)
        #expect(BSONArray(array).document.keys == ["0", "1", "2"])
        let document = try (["a": .array(array)] as BSONDocument).canonicalized()
        #expect(document == ["a": [1, 2, 3]])
        #expect(BSONArray().isEmpty)
        #expect(BSONArray((0..<12).map { BSONValue.integer($0) }).document.keys.last == "11")
    }

    @Test("ObjectIds keep their bytes, text and order")
    func objectIDs() throws {
        let id = try #require(ObjectID("57e193d7a9cc81b4027498B5"))
        #expect(id.hexString == "57e193d7a9cc81b4027498b5")
        #expect(ObjectID(bytes: id.bytes) == id)
        #expect(id.seconds == 0x57E1_93D7)
        #expect(ObjectID(bytes: Array(repeating: 0, count: 11)) == nil)
        #expect(ObjectID(bytes: Array(repeating: 0, count: 13)) == nil)
        #expect(ObjectID("57e193d7a9cc81b4027498b") == nil)
        #expect(ObjectID("57e193d7a9cc81b4027498bg") == nil)
        #expect(id < ObjectID(high: id.high, low: id.low + 1))
        #expect(ObjectID(high: 0, low: .max) < id)
    }

    @Test("Timestamps order as the oplog does")
    func timestamps() {
        let timestamp = BSONTimestamp(seconds: 2, increment: 1)
        #expect(timestamp.rawValue == 0x2_0000_0001)
        #expect(BSONTimestamp(rawValue: timestamp.rawValue) == timestamp)
        #expect(BSONTimestamp(seconds: 1, increment: .max) < timestamp)
        #expect(timestamp < BSONTimestamp(seconds: 2, increment: 2))
        #expect(timestamp.description == "Timestamp(2, 1)")
    }

    @Test("Dates convert to and from Foundation's, and clamp")
    func dates() {
        #expect(BSONDateTime(Date(timeIntervalSince1970: 1.2345)).milliseconds == 1235)
        #expect(BSONDateTime(milliseconds: -1500) < BSONDateTime(milliseconds: 0))
        #expect(BSONDateTime(milliseconds: 1).description == "1970-01-01T00:00:00.001Z")
        #expect(BSONDateTime(milliseconds: -1500).date == Date(timeIntervalSince1970: -1.5))
        #expect(BSONDateTime(Date(timeIntervalSince1970: 1e300)).milliseconds == .max)
        #expect(BSONDateTime(Date(timeIntervalSince1970: -1e300)).milliseconds == .min)
        #expect(BSONValue.dateTime(BSONDateTime(milliseconds: 0)).dateValue == Date(timeIntervalSince1970: 0))
    }

    @Test("The options of a regular expression are put in order")
    func regularExpressions() {
        #expect(BSONRegularExpression(pattern: "a", options: "xmi").options == "imx")
    }

    @Test("A checked finish refuses what a key cannot hold")
    func checkedFinish() throws {
        var writer = BSONWriter()
        writer.append(1, forKey: "a")
        #expect(try writer.finishChecked() == ["a": 1])
        writer.append(1, forKey: "b\0")
        let error = #expect(throws: BSONError.self) { try writer.finishChecked() }
        #expect(error?.reason == .embeddedNull)
        var other = BSONWriter()
        other.append(.regularExpression(BSONRegularExpression(pattern: "a\0")), forKey: "r")
        #expect(throws: BSONError.self) { try other.finishChecked() }
        try other.finish().validate()
    }
}
