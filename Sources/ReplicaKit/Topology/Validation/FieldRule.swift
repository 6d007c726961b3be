/// What a server takes as the value of one field.
struct FieldRule {
    /// The type of the value, with its limits.
    enum Kind {
        case text
        case object
        case array
        case objectID
        /// A boolean only.
        case boolean
        /// A boolean or a number.
        case truth
        /// Any number, cut off to a whole one.
        case cutInteger(ClosedRange<Int64>)
        /// Any number, cut off to the lower 32 bits; its limits are checked later.
        case wrappedInteger
        /// A number that is whole.
        case exactInteger(ClosedRange<Int64>)
        /// Any number; not a number counts as 0.
        case real(ClosedRange<Double>)
        /// Any number; its limits are checked later.
        case unlimitedReal
        /// Whatever it is.
        case anything
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// Whether null counts as if the field were not there.
    let ignoresNull: Bool
    /// Whether the wrong type of a field that stands twice shows before that it does.
    let comparesTypeFirst: Bool

    init(
        _ name: String,
        _ kind: Kind,
        isRequired: Bool = false,
        ignoresNull: Bool = true,
        comparesTypeFirst: Bool? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.ignoresNull = ignoresNull
        self.comparesTypeFirst = comparesTypeFirst ?? ignoresNull
    }

    /// The rule that a value breaks, and how; nil when it is as it should be.
    func flaw(of value: BSONValue) -> (rule: ConfigRule, text: String)? {
        let isFitting =
            switch kind {
            case .text: value.type == .string
            case .object: value.type == .document
            case .array: value.type == .array
            case .objectID: value.type == .objectID
            case .boolean: value.type == .bool
            case .truth: value.type == .bool || value.isNumber
            case .cutInteger, .wrappedInteger, .exactInteger, .real, .unlimitedReal: value.isNumber
            case .anything: true
            }
        guard isFitting else { return (.wrongType, "\(name) must be \(expectation), not of type \(value.type.alias)") }
        switch kind {
        case .cutInteger(let range):
            return Self.flaw(name, value.clampedInteger, range)
        case .exactInteger(let range):
            guard let number = value.exactInteger else { return (.notIntegral, "\(name) must be a whole number") }
            return Self.flaw(name, number, range)
        case .real(let range):
            guard let number = value.safeReal, number < range.lowerBound || number > range.upperBound else {
                return nil
            }
            return (.outOfRange, "\(name) must be \(range.lowerBound) to \(range.upperBound), not \(number)")
        default:
            return nil
        }
    }

    private static func flaw(
        _ name: String,
        _ number: Int64?,
        _ range: ClosedRange<Int64>
    ) -> (rule: ConfigRule, text: String)? {
        guard let number, !range.contains(number) else { return nil }
        let limits =
            range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        return (.outOfRange, "\(name) must be \(limits), not \(number)")
    }

    private var expectation: String {
        switch kind {
        case .text: "text"
        case .object: "an object"
        case .array: "an array"
        case .objectID: "an ObjectId"
        case .boolean: "true or false"
        case .truth: "true, false or a number"
        case .cutInteger, .wrappedInteger, .exactInteger, .real, .unlimitedReal: "a number"
        case .anything: "anything"
        }
    }
}
