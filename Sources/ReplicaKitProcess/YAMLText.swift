/// Text as a double-quoted YAML scalar: whatever is in it, it is one value and stays it.
///
/// `mongod` reads every option from such a scalar, numbers and booleans included.
func quotedYAML(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\t": quoted += "\\t"
        case "\r": quoted += "\\r"
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": quoted += "\\x" + hexadecimal(scalar, digits: 2)
        case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
            quoted += "\\u" + hexadecimal(scalar, digits: 4)
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}

private func hexadecimal(_ scalar: Unicode.Scalar, digits: Int) -> String {
    let text = String(scalar.value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
