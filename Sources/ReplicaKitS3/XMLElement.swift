/// An element of the XML that S3 services answer with: elements and text, no more.
///
/// Document types, processing instructions and entities of their own are refused, so a hostile answer can neither grow
/// nor make us read anything else. Attributes and name spaces mean nothing here and are passed over.
struct XMLElement: Sendable, Equatable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of that name.
    func text(of name: String) -> String? { children.first { $0.name == name }?.text }

    /// The children of that name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Reads a document; `nil` when it is not one of those.
    init?(document: some Sequence<UInt8>) {
        guard let text = String(validating: document, as: UTF8.self) else { return nil }
        var rest = text[...].trimmingStart()
        if rest.hasPrefix("<?xml ") {
            guard let end = rest.firstRange(of: "?>") else { return nil }
            rest = rest[end.upperBound...].trimmingStart()
        }
        guard let root = Self.element(&rest, depth: 0), rest.trimmingStart().isEmpty else { return nil }
        self = root
    }

    private init(name: String) { self.name = name }

    private static let depthLimit = 16

    private static func element(_ rest: inout Substring, depth: Int) -> XMLElement? {
        guard depth < depthLimit, rest.hasPrefix("<"), let end = rest.firstIndex(of: ">") else { return nil }
        var tag = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let isEmpty = tag.hasSuffix("/")
        if isEmpty { tag = tag.dropLast() }
        let name = tag.prefix { !$0.isWhitespace }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_-.:".contains($0) }) else { return nil }
        var element = XMLElement(name: String(name))
        while !isEmpty {
            guard let bracket = rest.firstIndex(of: "<"), let text = unescape(rest[..<bracket]) else { return nil }
            element.text += text
            rest = rest[bracket...]
            if rest.hasPrefix("</") {
                let closing = "</\(name)"
                guard rest.hasPrefix(closing) else { return nil }
                let tail = rest.dropFirst(closing.count).trimmingStart()
                guard tail.hasPrefix(">") else { return nil }
                rest = tail.dropFirst()
                break
            }
            guard let child = Self.element(&rest, depth: depth + 1) else { return nil }
            element.children.append(child)
        }
        return element
    }

    private static func unescape(_ text: Substring) -> String? {
        guard text.contains("&") else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ";") else { return nil }
            guard let scalar = entity(rest[rest.index(after: start)..<end]) else { return nil }
            result.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func entity(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        case _ where name.hasPrefix("#x"): UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
        case _ where name.hasPrefix("#"): UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
        default: nil
        }
    }

    /// Writes text so that it can stand in an element.
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\r", with: "&#13;")
    }
}

extension Substring {
    fileprivate func trimmingStart() -> Substring { drop { $0.isWhitespace } }
}
