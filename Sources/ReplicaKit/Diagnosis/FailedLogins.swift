/// Failed logins of a server's log, by user and where they came from.
package struct FailedLogins: Sendable {
    /// One user's failures from one place.
    package struct Entry: Sendable, Hashable {
        package var user: String
        package var database: String
        package var origin: String
        package var reason: String
        package var count = 0

        /// Whether it is another member that fails to log in here: its keyfile is another.
        package var isMember: Bool { user == "__system" && database == "local" }
    }

    /// The failures, most frequent first.
    package private(set) var entries: [Entry] = []

    /// Lines that tell of a failed login: from 4.4 on, and under other numbers from 7.0 on.
    private static let ids: Set<Int> = [20249, 5286307]

    /// Puts lines together.
    package init(_ lines: [MongodLogLine]) {
        var found: [[String]: Entry] = [:]
        for line in lines where Self.ids.contains(line.id) {
            guard let attributes = line.attributes else { continue }
            let user = attributes["principalName"]?.string ?? attributes["user"]?.string ?? ""
            let database = attributes["authenticationDatabase"]?.string ?? attributes["db"]?.string ?? ""
            let remote = attributes["remote"]?.string ?? attributes["client"]?.string ?? ""
            // Each connection has a port of its own.
            let origin = remote.lastIndex(of: ":").map { String(remote[..<$0]) } ?? remote
            let result = attributes["error"]?.string ?? attributes["result"]?.string ?? ""
            let reason = result.split(separator: ":").first.map(String.init) ?? ""
            let key = [user, database, origin]
            var entry = found[key] ?? Entry(user: user, database: database, origin: origin, reason: reason)
            entry.count += 1
            found[key] = entry
        }
        entries = found.values.sorted { ($1.count, $0.user, $0.origin) < ($0.count, $1.user, $1.origin) }
    }
}

extension FailedLogins.Entry: CustomStringConvertible {
    /// One line: who, from where, how often and why.
    package var description: String {
        let who =
            isMember
            ? "another member (\(user)), whose keyfile is a different one," : "the user \"\(user)\" of \(database)"
        return "\(who) from \(origin) failed to log in \(count) times" + (reason.isEmpty ? "" : ": \(reason)")
    }
}
