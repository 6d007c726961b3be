/// A table of text: columns as wide as their widest cell, two spaces between them.
struct Table {
    /// One cell.
    struct Cell {
        var text: String
        var style: Style?

        init(_ text: String, _ style: Style? = nil) {
            // A cell is one line, whatever a server put into it.
            self.text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
            self.style = style
        }
    }

    /// One column.
    struct Column {
        var title: String
        var alignsRight = false
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// Takes away the columns that have nothing in any row.
    mutating func removeEmptyColumns() {
        let used = columns.indices.filter { index in
            rows.contains { index < $0.count && !$0[index].text.isEmpty }
        }
        columns = used.map { columns[$0] }
        rows = rows.map { row in used.filter { $0 < row.count }.map { row[$0] } }
    }

    /// The lines, header first. The last column is cut where the line would be wider than `width`.
    func lines(_ paint: Paint, width: Int? = nil) -> [String] {
        let header = columns.map { Cell($0.title, .bold) }
        let widths = columns.indices.map { index in
            ([header] + rows).map { index < $0.count ? $0[index].text.displayWidth : 0 }.max() ?? 0
        }
        return ([header] + rows).map { row in
            var line = ""
            var used = 0
            for (index, cell) in row.enumerated() {
                let isLast = index == row.count - 1
                if index > 0 { (line, used) = (line + "  ", used + 2) }
                if isLast, !columns[index].alignsRight {
                    let room = width.map { max(1, $0 - used) } ?? .max
                    line += paint(cell.text.truncated(to: room), cell.style)
                } else {
                    let padding = String(repeating: " ", count: max(0, widths[index] - cell.text.displayWidth))
                    let text = paint(cell.text, cell.style)
                    line += columns[index].alignsRight ? padding + text : text + padding
                    used += widths[index]
                }
            }
            return line.trimmingSpacesAtEnd
        }
    }
}

extension String {
    fileprivate var trimmingSpacesAtEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
