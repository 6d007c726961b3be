/// What a server meets while it reads a document, in its order.
enum FieldEvent {
    /// A field with a value as it should be.
    case value(String, BSONValue)
    /// A field that breaks a rule, and how.
    case flaw(ConfigRule, field: String, text: String)
}

extension ConfigGrammar {
    /// Takes one document apart.
    ///
    /// - Parameters:
    ///   - document: The document.
    ///   - rules: The fields that the server knows there.
    ///   - isOpen: Whether fields that no rule names may stand there, as in `settings`.
    func read(_ document: BSONDocument, _ rules: [FieldRule], isOpen: Bool = false) -> [FieldEvent] {
        isLegacy ? readByName(document, rules, isOpen: isOpen) : readInOrder(document, rules, isOpen: isOpen)
    }

    /// Field by field in the order of the document.
    private func readInOrder(_ document: BSONDocument, _ rules: [FieldRule], isOpen: Bool) -> [FieldEvent] {
        var events: [FieldEvent] = []
        var met: Set<String> = []
        for (name, value) in document {
            let rule = rules.first { $0.name == name }
            if rule == nil, !isOpen {
                events.append(.flaw(.unknownField, field: name, text: "the field \(name) is unknown to the server"))
                continue
            }
            if let rule, rule.ignoresNull, value.isNull { continue }
            let flaw = rule?.flaw(of: value)
            let isDuplicate = !met.insert(name).inserted
            if let flaw, !isDuplicate || (flaw.rule == .wrongType && rule?.comparesTypeFirst == true) {
                events.append(.flaw(flaw.rule, field: name, text: flaw.text))
            } else if isDuplicate {
                events.append(.flaw(.duplicateField, field: name, text: "\(name) stands twice"))
            } else if rule != nil {
                events.append(.value(name, value))
            }
        }
        return events + missing(rules) { met.contains($0) }
    }

    /// All names first, then one known field after the other; of fields that may stand twice the first counts.
    private func readByName(_ document: BSONDocument, _ rules: [FieldRule], isOpen: Bool) -> [FieldEvent] {
        var events: [FieldEvent] = []
        var met: Set<String> = []
        for name in isOpen ? [] : document.keys {
            if !met.insert(name).inserted {
                events.append(.flaw(.duplicateField, field: name, text: "\(name) stands twice"))
            } else if !rules.contains(where: { $0.name == name }) {
                events.append(.flaw(.unknownField, field: name, text: "the field \(name) is unknown to the server"))
            }
        }
        for rule in rules {
            guard let value = document[rule.name] else {
                events += missing([rule]) { _ in false }
                continue
            }
            if let flaw = rule.flaw(of: value) {
                events.append(.flaw(flaw.rule, field: rule.name, text: flaw.text))
            } else {
                events.append(.value(rule.name, value))
            }
        }
        return events
    }

    private func missing(_ rules: [FieldRule], unless isMet: (String) -> Bool) -> [FieldEvent] {
        rules.filter { $0.isRequired && !isMet($0.name) }.map {
            .flaw(.missingField, field: $0.name, text: "\($0.name) is missing")
        }
    }
}
