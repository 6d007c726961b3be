/// Numbers as people read them in tables.
enum Format {
    /// A time span, in the unit that fits it: `12 ms`, `3.4 s`, `5 min`, `2.5 h`, `3.2 d`.
    static func seconds(_ seconds: Double) -> String {
        switch seconds {
        case 0: "0 s"
        case ..<0.0095: "\(tenths(seconds * 1000)) ms"
        case ..<0.995: "\(Int((seconds * 1000).rounded())) ms"
        case ..<99.5: "\(tenths(seconds)) s"
        case ..<5_970: "\(Int((seconds / 60).rounded())) min"
        case ..<172_800: "\(tenths(seconds / 3600)) h"
        default: "\(tenths(seconds / 86_400)) d"
        }
    }

    /// A number with one decimal, `3.4`, without that of whole numbers: `3`.
    static func tenths(_ number: Double) -> String {
        let tenths = (number * 10).rounded()
        guard tenths.magnitude < 1e15 else { return "∞" }
        let whole = Int(tenths) / 10
        let rest = abs(Int(tenths) % 10)
        let sign = tenths < 0 && whole == 0 ? "-" : ""
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}
