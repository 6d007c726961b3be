/// The default write concern of a config (`settings.getLastErrorDefaults`), which servers before 5.0 still use.
struct WriteConcernDefaults {
    private let document: BSONDocument

    init(_ document: BSONDocument) {
        self.document = document
    }

    /// The name of the mode that `w` asks for, if it does; `majority` is no mode.
    var mode: String? { document["w"]?.stringValue.flatMap { $0 == "majority" || $0.isEmpty ? nil : $0 } }

    /// How many members `w` asks for, if it is a number.
    var count: Int64 { document["w"]?.clampedInteger ?? (document["w"] == "" ? 0 : 1) }

    /// Whether it says no more than the default of a server from 5.0 on.
    func isPlain(for version: ServerVersion) -> Bool {
        let is6 = version.isAtLeast(6, 0)
        return document.allSatisfy { name, value in
            switch name {
            case "w": value.clampedInteger == 1 || (value.isNull && !is6)
            case "wtimeout": !value.isNumber || value.clampedInteger == 0
            case "j": value.isNull && is6
            case "fsync": value.isNull ? is6 : (value.isNumber || value.type == .bool) && !value.isTruthy
            case "provenance": value.stringValue.map(Self.provenances.contains) ?? false
            default: Self.ignored.contains(name)
            }
        }
    }

    /// What a server before 5.0 has against it, the members aside.
    var legacyFlaw: String? {
        if document.isEmpty { return "it is empty" }
        for (name, value) in document {
            switch name {
            case "w":
                if let count = value.clampedInteger {
                    if !(0...50).contains(count) { return "w must be 0 to 50" }
                } else if value.type != .string, !value.isNull {
                    return "w must be a number or text"
                }
            case "j", "fsync":
                if !value.isNumber, value.type != .bool { return "\(name) must be true, false or a number" }
            case "wtimeout": break
            case "provenance":
                guard let text = value.stringValue, Self.provenances.contains(text) else {
                    return "provenance is none of the server's"
                }
            default:
                if !Self.ignored.contains(name) { return "the field \(name) is unknown to the server" }
            }
        }
        let isBoth = document["j"]?.isTruthy == true && document["fsync"]?.isTruthy == true
        return isBoth ? "j and fsync exclude each other" : nil
    }

    private static let ignored: Set<String> = ["getLastError", "wElectionId", "wOpTime"]
    private static let provenances: Set<String> = [
        "clientSupplied", "implicitDefault", "customDefault", "getLastErrorDefaults", "internalWriteDefault",
    ]
}
