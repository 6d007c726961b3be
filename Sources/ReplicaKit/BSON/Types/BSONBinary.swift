/// Bytes with a subtype that says what they are.
public struct BSONBinary: Sendable, Hashable {
    /// What the bytes of a ``BSONBinary`` are.
    public struct Subtype: RawRepresentable, Sendable, Hashable {
        /// The subtype's byte; 128 and above are for applications.
        public var rawValue: UInt8

        /// Makes a subtype from its byte.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Bytes of no particular kind.
        public static let generic = Subtype(rawValue: 0)
        /// A function.
        public static let function = Subtype(rawValue: 1)
        /// The old form of generic bytes.
        public static let binaryOld = Subtype(rawValue: 2)
        /// The old form of a UUID, whose byte order depends on the driver that wrote it.
        public static let uuidOld = Subtype(rawValue: 3)
        /// A UUID.
        public static let uuid = Subtype(rawValue: 4)
        /// An MD5 digest.
        public static let md5 = Subtype(rawValue: 5)
        /// A value encrypted on the client's side.
        public static let encrypted = Subtype(rawValue: 6)
        /// A compressed column of a time-series collection.
        public static let column = Subtype(rawValue: 7)
        /// A value that logs must not show.
        public static let sensitive = Subtype(rawValue: 8)
        /// A vector of numbers of one type.
        public static let vector = Subtype(rawValue: 9)
    }

    /// What the bytes are.
    public var subtype: Subtype
    /// The bytes, a slice of the document they came from.
    ///
    /// For the old subtype, without the inner length.
    public var bytes: ArraySlice<UInt8>

    /// Makes a binary value.
    public init(subtype: Subtype = .generic, bytes: ArraySlice<UInt8>) {
        self.subtype = subtype
        self.bytes = bytes
    }

    /// Makes a binary value.
    public init(subtype: Subtype = .generic, bytes: [UInt8]) {
        self.init(subtype: subtype, bytes: bytes[...])
    }

    /// Decodes the bytes of an element whose lengths have been checked.
    init(wire: ArraySlice<UInt8>) throws(BSONError) {
        guard let byte = wire.dropFirst(4).first else { throw BSONScanner.truncated("a binary value", at: 0) }
        subtype = Subtype(rawValue: byte)
        bytes = wire.dropFirst(subtype == .binaryOld ? 9 : 5)
    }
}
