import ReplicaKit

/// Values that servers read in ways of their own.
enum ConfigValues {
    /// One of nearly every type.
    static let any: [BSONValue] =
        [
            .int32(1), .int32(0), .int32(-1), .int64(1), .double(1), .double(0.5), .double(1.5), .bool(true),
            .bool(false),
            .null, .undefined, .string(""), .string("1"), .document([:]), .document(["a": 1]), .array([]), .array([1]),
            .dateTime(BSONDateTime(milliseconds: 1)), .timestamp(BSONTimestamp(seconds: 1, increment: 1)), .minKey,
            .maxKey,
            .symbol("x"), .javaScript("x"), .binary(BSONBinary(subtype: .generic, bytes: [1])), .double(.nan),
        ] + ["000000000000000000000000", "0123456789abcdef01234567"].compactMap { ObjectID($0).map { .objectID($0) } }

    /// Numbers at the edges of ranges and types.
    static let numbers: [BSONValue] =
        ints.map { .int32($0) } + longs.map { .int64($0) } + doubles.map { .double($0) }
        + decimals.compactMap { Decimal128($0).map { .decimal128($0) } }

    private static let ints: [Int32] = [
        -2, -1, 0, 1, 2, 3, 50, 255, 256, 999, 1000, 1001, 31_622_400, 31_622_401, .max, .min,
    ]

    private static let longs: [Int64] = [
        -1, 0, 1, 2, 0x8000_0000, 0x1_0000_0000, 0x1_0000_0001, 0x20_0000_0000_0001, .max, .min, -0x8000_0001,
    ]

    private static let doubles: [Double] = [
        -1, -0.0, 0, 0.5, -0.5, 0.9999, 1, 1.5, 1.9999, 2, -0.9999, 999.5, 1000, 1000.0000001, 2_147_483_647,
        2_147_483_647.5,
        2_147_483_648, 4_294_967_296, 4_294_967_297, 9.007199254740993e15, 9.223372036854775e18,
        9.223372036854775807e18,
        -9.223372036854775808e18, 1e19, 1e300, -1e300, .leastNonzeroMagnitude, .nan, .infinity, -.infinity,
    ]

    private static let decimals = [
        "0", "-0", "1", "1.0", "1.00E+0", "10E-1", "0.5", "0.50001", "-0.5", "-0.6", "1.4", "1.5", "2.5", "0.1E+1",
        "1E-40",
        "1E+3", "1000.00000000000000000000000000001", "999.9999999999999999999999999999",
        "1.0000000000000000000000000000001",
        "0.9999999999999999999999999999999", "2147483647", "2147483647.5", "2147483648", "4294967297",
        "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775807.5", "1E+40",
        "-1E+40",
        "1E+6000", "1E-6000", "NaN", "-NaN", "Infinity", "-Infinity", "31622400.4", "31622400.5", "31622401",
    ]

    /// Texts as hosts, good ones and others. None is another machine: a server tries whether it is one of them itself.
    static let hosts = [
        "localhost", "localhost:1", "localhost:65535", "localhost:65536", "localhost:0", "localhost:", "localhost:-1",
        "localhost:+5", "localhost:007", "localhost: 5", "localhost:5 ", " localhost:6", "\tlocalhost:7\n",
        "localhost:0x10",
        "localhost:99999999999999999999", "localhost:5:6", ":5", "", "  ", ":", "[::1]:5", "[::1]", "[::1]5",
        "[::1]x:5",
        "::1", "[::1:5", "::1]:5", "a[::1]:5", "[]:5", "[]", "[127.0.0.1]:5", "[localhost]:5", "[a:b]:5", "127.0.0.1:5",
        "127.0.0.1", "127.foo:5", "/tmp/x.sock", "/tmp/x.sock:5", "/tmp/a:b", "a:1", "b:1", "LOCALHOST:5",
        "localhost.:5",
        "a,b:1", "mongodb://a:1", "anonymous unix socket", "ü:5", "a b:1", "127.1", "localhost:27017", "[[::1]]:5",
        "[0:0::1]:5", "a:1e2", "a:1.0", "rs0/a:1", "@:1",
    ]

    /// Texts as the addresses of horizons.
    static let horizonHosts = [
        "x", "y:1", "z:1", "x:27017", "localhost", "localhost:1", "127.0.0.1", "1.2.3.4:5", "1.2.3.4/24", "1.2.3",
        "999.1.1.1",
        "[::1]:5", "[fe80::1]", "[::1/64]:5", "[::1/129]:5", "[abc]:1", "/tmp/x", "", " x:1", "x:1 ", "x:0", "01.2.3.4",
        "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/ 5", "1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/0x1", " 1.2.3.4", "1.2.3.4 ",
        "[::ffff:1.2.3.4]:1", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7]",
        "[1::2::3]",
        "[12345::]", "[1:2:3:4:5:6:1.2.3.4]", "[::1.2.3]", "[:1:2:3:4:5:6:7]", "[::]", "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4::5:6:7:8]",
        "0.0.0.0", "00.0.0.0", "1.2.3.4.", "[g::]", "[::%1]", "255.255.255.256",
    ]
}
