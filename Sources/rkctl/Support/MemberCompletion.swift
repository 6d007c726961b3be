import ArgumentParser
import ReplicaKit

extension CompletionKind {
    /// The names of the spec's members.
    static let members: CompletionKind = .custom { words, _, _ in
        let named = words.firstIndex(of: "--set").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        let path = named ?? GlobalOptions.defaultSpecPath
        return (try? SpecFile(loading: path))?.spec.members.map(\.name.rawValue) ?? []
    }
}
