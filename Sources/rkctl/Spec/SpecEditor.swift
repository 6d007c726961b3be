import Foundation
import ReplicaKit
import Yams

/// Changes the members in a spec's text, and leaves everything else of it as people wrote it, comments included.
///
/// What comes out is read again: it must be the spec that was meant, or nothing is written.
struct SpecEditor {
    /// What the file is called in messages.
    let file: String
    /// The text as it is.
    let text: String

    /// A change of the members.
    enum Change {
        case add(MemberSpec)
        case set(MemberSpec)
        case remove(MemberName)
    }

    /// The text after a change, and what it says.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidSpec`` when the text is written in a way that this cannot edit, with the
    ///   line that a person has to write.
    func applying(_ change: Change) throws(ReplicaKitError) -> (text: String, spec: ReplicaSetSpec) {
        let spec = try SpecReader(file: file).read(text)
        let wanted = try Self.members(spec.members, after: change)
        if wanted == spec.members { return (text, spec) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let items = try items(count: spec.members.count, in: lines) else { throw unreadable(change) }
        switch change {
        case .add(let member):
            guard let last = items.last else { throw unreadable(change) }
            lines.insert(last.indent + "- " + Self.flow(member), at: last.lines.upperBound)
        case .set(let member):
            guard let index = spec.members.firstIndex(where: { $0.name == member.name }) else { break }
            lines.replaceSubrange(items[index].lines, with: [items[index].indent + "- " + Self.flow(member)])
        case .remove(let name):
            guard let index = spec.members.firstIndex(where: { $0.name == name }) else { break }
            lines.removeSubrange(items[index].lines)
        }
        let result = lines.joined(separator: "\n")
        let read = try SpecReader(file: file).read(result)
        var expected = spec
        expected.members = wanted
        guard read == expected else { throw unreadable(change) }
        return (result, read)
    }

    private static func members(_ members: [MemberSpec], after change: Change) throws(ReplicaKitError) -> [MemberSpec] {
        switch change {
        case .add(let member):
            // The same once more, as after a run that was cut short: nothing to write, and the set is looked at.
            if members.contains(member) { return members }
            guard !members.contains(where: { $0.name == member.name }) else {
                throw ReplicaKitError(
                    .invalidArgument,
                    "the spec has another member \"\(member.name)\" already",
                    hint: "To change it: rkctl member set \(member.name). To bring it into the set: rkctl member add "
                        + "\(member.name), without other options."
                )
            }
            return members + [member]
        case .set(let member): return members.map { $0.name == member.name ? member : $0 }
        case .remove(let name): return members.filter { $0.name != name }
        }
    }

    // MARK: Where the members stand

    private struct Item {
        /// The lines, counted from 0.
        var lines: Range<Int>
        /// What stands before the dash.
        var indent: String
    }

    /// The members' lines; `nil` where they are not a list with one dash a member.
    private func items(count: Int, in lines: [String]) throws(ReplicaKitError) -> [Item]? {
        guard let root = try? Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot(),
            let sequence = root["members"]?.sequence, sequence.style != .flow, sequence.count == count
        else { return nil }
        let starts = sequence.compactMap { $0.mark.map { $0.line - 1 } }
        guard starts.count == count, Set(starts).count == count else { return nil }
        var items: [Item] = []
        for (index, start) in starts.enumerated() {
            guard lines.indices.contains(start), let dash = lines[start].firstIndex(of: "-") else { return nil }
            let indent = String(lines[start][..<dash])
            guard indent.allSatisfy({ $0 == " " }) else { return nil }
            let limit = index + 1 < count ? starts[index + 1] : lines.count
            items.append(Item(lines: start..<Self.end(of: start, before: limit, indent.count, lines), indent: indent))
        }
        return items
    }

    /// The line after the last one that belongs to an item: comments and empty lines at its end do not.
    private static func end(of start: Int, before limit: Int, _ indent: Int, _ lines: [String]) -> Int {
        var end = start + 1
        for index in (start + 1)..<max(limit, start + 1) {
            let content = lines[index].drop { $0 == " " }
            if content.isEmpty || content.first == "#" { continue }
            guard lines[index].count - content.count > indent else { break }
            end = index + 1
        }
        return end
    }

    private func unreadable(_ change: Change) -> ReplicaKitError {
        let advice =
            switch change {
            case .add(let member): "add to its members:\n  - \(Self.flow(member))"
            case .set(let member): "make that member:\n  - \(Self.flow(member))"
            case .remove(let name): "take the member \(name) out of its members"
            }
        return ReplicaKitError(
            .invalidSpec,
            "\(file) is written in a way that rkctl cannot edit",
            hint: "Edit it yourself: \(advice)"
        )
    }

    // MARK: A member as text

    /// A member in one line, without what is the default.
    static func flow(_ member: MemberSpec) -> String {
        let plain = MemberSpec(
            name: member.name,
            host: member.host,
            votes: member.votes,
            hidden: member.hidden,
            arbiter: member.arbiter,
            delaySeconds: member.delaySeconds
        )
        var fields = ["name: \(SpecTemplate.quoted(member.name.rawValue))", "host: \(quoted(member.host.description))"]
        if member.priority != plain.priority {
            fields.append("priority: \(Int(exactly: member.priority).map(String.init) ?? String(member.priority))")
        }
        if member.votes != 1 { fields.append("votes: \(member.votes)") }
        if member.hidden { fields.append("hidden: true") }
        if member.arbiter { fields.append("arbiter: true") }
        if member.delaySeconds != 0 { fields.append("delaySeconds: \(member.delaySeconds)") }
        if !member.tags.isEmpty { fields.append("tags: \(map(member.tags))") }
        let docker = member.docker
        var container: [String] = []
        if let endpoint = docker.endpoint { container.append("endpoint: \(quoted(endpoint))") }
        if let name = docker.container { container.append("container: \(quoted(name))") }
        if let volume = docker.volume { container.append("volume: \(quoted(volume))") }
        if !docker.labels.isEmpty { container.append("labels: \(map(docker.labels))") }
        if !container.isEmpty { fields.append("docker: {\(container.joined(separator: ", "))}") }
        return "{\(fields.joined(separator: ", "))}"
    }

    private static func quoted(_ text: String) -> String { SpecTemplate.quoted(text) }

    private static func map(_ texts: [String: String]) -> String {
        let pairs = texts.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(quoted($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }
}
