/// A document as one text in which every byte of it survives, for journals.
struct DocumentText: Codable {
    let document: BSONDocument

    init(_ document: BSONDocument) {
        self.document = document
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = Array(try container.decode(String.self).utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: text.count - 1, by: 2) {
            guard let high = Self.digit(text[index]), let low = Self.digit(text[index + 1]) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a document")
            }
            bytes.append(high << 4 | low)
        }
        document = try BSONDocument(validating: bytes)
    }

    func encode(to encoder: any Encoder) throws {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in document.bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        default: nil
        }
    }
}
