import Yams

/// A place in a text file, as editors count it.
struct TextPosition {
    var line: Int
    var column: Int

    init(_ mark: Mark) { (line, column) = (mark.line, mark.column) }

    /// The place of a byte.
    init(ofByte offset: Int, in text: String) {
        let before = Array(text.utf8.prefix(offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count
    }

    /// The character at this place of a text.
    func scalar(in text: String) -> Unicode.Scalar? {
        let lines = text.unicodeScalars.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return nil }
        return lines[line - 1].dropFirst(column - 1).first
    }
}

extension Node {
    /// Where the value, or its key, at the end of a path of keys and indices stands; as far as the path leads.
    func position(at path: [String], ofKey: Bool = false) -> TextPosition? {
        mark(at: path, ofKey: ofKey).map { TextPosition($0) }
    }

    private func mark(at path: [String], ofKey: Bool) -> Mark? {
        var node = self
        var mark = node.mark
        for (depth, step) in path.enumerated() {
            switch node {
            case .mapping(let mapping):
                guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == step }) else { return mark }
                let isLast = depth == path.count - 1
                // A value that is a block begins on a later line than its key, where nobody looks for the mistake.
                mark = isLast && (ofKey || value.scalar == nil) ? key.mark : value.mark
                node = value
            case .sequence(let sequence):
                guard let index = Int(step), sequence.indices.contains(index) else { return mark }
                node = sequence[index]
                mark = node.mark
            default: return mark
            }
        }
        return mark
    }

    /// Whether the tree has more nodes than anybody writes by hand, aliases counted as often as they are used.
    func isLarger(than limit: Int) -> Bool {
        var count = 0
        var rest = [self]
        while let node = rest.popLast() {
            count += 1
            if count > limit { return true }
            switch node {
            case .mapping(let mapping):
                for (key, value) in mapping { rest += [key, value] }
            case .sequence(let sequence): rest += sequence
            default: break
            }
        }
        return false
    }
}
