package import ReplicaKit

/// The name of an object, checked: what may stand in a store, whatever the store is.
package struct ObjectName: Sendable, Hashable {
    /// What stands between the slashes; at least one.
    package let parts: [String]

    /// The name.
    package var text: String { parts.joined(separator: "/") }

    /// The longest name that object stores take, in bytes.
    private static let limit = 1024
    /// The longest part that file systems take, in bytes.
    private static let partLimit = 255

    /// Checks a name.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidArgument``.
    package init(_ text: String) throws(ReplicaKitError) {
        parts = try Self.parts(of: text, asPrefix: false)
    }

    /// Checks what names are to begin with: it may be empty or end anywhere.
    package static func checkPrefix(_ text: String) throws(ReplicaKitError) {
        _ = try parts(of: text, asPrefix: true)
    }

    private static func parts(of text: String, asPrefix: Bool) throws(ReplicaKitError) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        func refuse(_ why: String) -> ReplicaKitError {
            ReplicaKitError(.invalidArgument, "'\(text)' is no name of an object: \(why)")
        }
        guard text.utf8.count <= limit else { throw refuse("it is longer than \(limit) bytes") }
        for (index, part) in parts.enumerated() {
            if part.isEmpty, asPrefix, index == parts.count - 1 { continue }
            guard !part.isEmpty else { throw refuse("it has an empty part") }
            guard part != ".", part != ".." else { throw refuse("'\(part)' would leave its folder") }
            guard !part.utf8.contains(0) else { throw refuse("it has a NUL character") }
            guard part.utf8.count <= partLimit else { throw refuse("a part is longer than \(partLimit) bytes") }
        }
        return parts
    }
}
