import ReplicaKit

/// Everything that rkctl says passes here: the one place that knows output formats.
///
/// Results go to stdout, the way to them to stderr. With `--json`, stdout has one JSON document (one a line where a
/// command follows something), errors included.
struct Output: Sendable {
    /// Whether results are JSON.
    var isJSON = false
    /// Whether everything but results and errors is left out.
    var isQuiet = false
    /// Whether colours are wanted where they can be seen.
    var wantsColour = true

    /// The colours of results.
    var paint: Paint { Paint(isOn: !isJSON && Terminal.output.showsColour(wantsColour)) }
    /// The colours of what is said on the way.
    var errorPaint: Paint { Paint(isOn: Terminal.error.showsColour(wantsColour)) }
    /// How wide a line of a result may be; `nil` where nobody looks at it on a terminal.
    var width: Int? { Terminal.output.isInteractive ? Terminal.output.size?.columns : nil }

    /// The result of a command: text for people, or a JSON document.
    func result(text: () -> [String], json: () throws -> BSONDocument) throws {
        if isJSON {
            Terminal.output.write(try json().extendedJSON(.relaxed, pretty: Terminal.output.isInteractive) + "\n")
        } else {
            lines(text())
        }
    }

    /// One of many results of a command that follows something: text, or JSON on a line of its own.
    func event(text: () -> [String], json: () throws -> BSONDocument) throws {
        if isJSON {
            Terminal.output.write(try json().extendedJSON(.relaxed) + "\n")
        } else {
            lines(text())
        }
    }

    /// One of many looks at the same thing: on a terminal it replaces the one before.
    func look(_ text: [String], json: BSONDocument) throws {
        if !isJSON, Terminal.output.isInteractive {
            Terminal.output.write("\u{1B}[H\u{1B}[J")
            lines(text)
        } else {
            try event {
                text + [""]
            } json: {
                json
            }
        }
    }

    /// Text to stdout, in any format: what is text by nature, such as a spec in YAML.
    func raw(_ text: String) { Terminal.output.write(text) }

    /// Something said on the way.
    func note(_ text: String) {
        if !isQuiet { Terminal.error.write(text + "\n") }
    }

    /// A warning: said even when quiet.
    func warning(_ text: String) {
        Terminal.error.write(errorPaint("warning:", .yellow) + " \(text)\n")
    }

    /// What went wrong and what to do about it.
    func failure(_ error: ReplicaKitError) {
        if isJSON {
            let text = (try? error.json.extendedJSON(.relaxed, pretty: Terminal.output.isInteractive)) ?? "{}"
            Terminal.output.write(text + "\n")
        } else {
            Terminal.error.write(error.lines(errorPaint).joined(separator: "\n") + "\n")
        }
    }

    private func lines(_ lines: [String]) {
        Terminal.output.write(lines.map { $0 + "\n" }.joined())
    }
}

extension ReplicaKitError {
    /// The error for people: what failed, what the server said, what to do.
    func lines(_ paint: Paint) -> [String] {
        var text = paint("error:", .red) + " "
        // Not twice: many messages name the member themselves.
        if let member, !message.contains(member.description) { text += "\(member): " }
        text += message
        if let server, !message.contains(server.message) {
            let name = server.codeName.isEmpty ? "" : "\(server.codeName), "
            text += " (the server said: \(server.message) [\(name)\(server.code)])"
        }
        return [text] + (hint.map { [paint("hint:", .bold) + " \($0)"] } ?? [])
    }

    /// The error for programs. Every key is always there.
    var json: BSONDocument {
        let report = try? BSONEncoder().encode(ErrorReport(self))
        return ["error": .document(report ?? ["code": .string(code.rawValue), "message": .string(message)])]
    }
}
