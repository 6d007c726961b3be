import ReplicaKit
import Yams

/// Reads a spec from YAML text, and says of everything that is wrong where it stands.
struct SpecReader {
    /// What the file is called in messages.
    let file: String

    /// A spec of a thousand values is a very large one.
    private static let maximumValues = 20_000
    private static let maximumAliases = 16

    /// Reads and validates.
    func read(_ text: String) throws(ReplicaKitError) -> ReplicaSetSpec {
        guard let root = try root(of: text) else {
            throw wrong(nil, "it is empty", hint: "Run `rkctl spec init` to write one to begin with.")
        }
        guard case .mapping = root else {
            throw wrong(root.mark.map { TextPosition($0) }, "expected keys and values, such as `name: rs0`")
        }
        if root.isLarger(than: Self.maximumValues) { throw wrong(nil, "it has too many values for a spec") }
        let spec: ReplicaSetSpec
        do {
            spec = try YAMLNodeDecoder(root).value(ReplicaSetSpec.self)
        } catch {
            throw problem(error, in: root)
        }
        try report(spec.problems(), in: root)
        return spec
    }

    /// Says where these problems of the spec in a text stand, if there are any.
    func report(_ problems: [SpecProblem], in text: String) throws(ReplicaKitError) {
        guard !problems.isEmpty, let root = try root(of: text) else { return }
        try report(problems, in: root)
    }

    private func root(of text: String) throws(ReplicaKitError) -> Node? {
        // Each alias can double what the ones before it stand for.
        if text.aliasCount > Self.maximumAliases {
            throw wrong(nil, "it has more than \(Self.maximumAliases) aliases (*name): write the values out")
        }
        do {
            // Resolver.basic: what a scalar means depends on what is asked for, so nothing is guessed from its looks.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw problem(error, in: text)
        } catch {
            throw wrong(nil, "\(error)")
        }
    }

    private func report(_ problems: [SpecProblem], in root: Node) throws(ReplicaKitError) {
        let lines = problems.map { problem in
            place(root.position(at: problem.path)) + problem.description
        }
        guard let first = lines.first else { return }
        throw ReplicaKitError(
            .invalidSpec,
            lines.count == 1
                ? first : "\(file) has \(lines.count) problems:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
        )
    }

    private func problem(_ error: any Error, in root: Node) -> ReplicaKitError {
        guard let error = error as? DecodingError else { return wrong(nil, "\(error)") }
        let context =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
            }
        let path = context.codingPath.map(\.stringValue)
        // The path to an unknown key ends in it.
        let isKey = context.debugDescription.hasPrefix("unknown key")
        let problem = SpecProblem(isKey ? path.dropLast() : path, context.debugDescription)
        return wrong(
            root.position(at: path, ofKey: isKey),
            problem.description,
            hint: (context.underlyingError as? ReplicaKitError)?.hint
        )
    }

    private func problem(_ error: YamlError, in text: String) -> ReplicaKitError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let position = TextPosition(mark)
            if position.scalar(in: text) == "\t" { return wrong(position, "a tab: YAML is indented with spaces only") }
            let message = [context?.text.words, problem].compactMap { $0 }.joined(separator: ": ")
            return wrong(position, "this is not YAML: \(message)", hint: hint(problem))
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return wrong(TextPosition(context.mark), "the same key is given more than once: \(names)")
        case .reader(let problem, let offset, _, _):
            return wrong(offset.map { TextPosition(ofByte: $0, in: text) }, "this is not YAML: \(problem)")
        default: return wrong(nil, "this is not YAML: \(error)")
        }
    }

    private func hint(_ problem: String) -> String? {
        problem.contains("mapping values are not allowed")
            ? "A text with \": \" in it needs quotes; or the line is indented too far." : nil
    }

    private func place(_ position: TextPosition?) -> String {
        position.map { "\(file):\($0.line):\($0.column): " } ?? "\(file): "
    }

    private func wrong(_ position: TextPosition?, _ message: String, hint: String? = nil) -> ReplicaKitError {
        ReplicaKitError(.invalidSpec, place(position) + message, hint: hint)
    }
}

extension String {
    /// The words, with one space between them; `nil` when there are none.
    fileprivate var words: String? {
        let text = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    /// How many words begin with `*`: aliases, and now and then something in quotes.
    fileprivate var aliasCount: Int {
        var count = 0
        var before: UInt8 = UInt8(ascii: " ")
        for byte in utf8 {
            if byte == UInt8(ascii: "*"), " \n\t[{,:?-".utf8.contains(before) { count += 1 }
            before = byte
        }
        return count
    }
}
