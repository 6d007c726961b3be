extension ReplicaSetSpec {
    /// What is wrong with the routes of alerts.
    func alertProblems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        if !(0...86_400).contains(alerts.resolveAfterSeconds) {
            problems.append(
                SpecProblem(["resolveAfterSeconds"], "\(alerts.resolveAfterSeconds) is not from 0 to 86400")
            )
        }
        for (index, route) in alerts.routes.enumerated() {
            let found = route.problems() + referenceProblems(route, at: index)
            problems += found.map { SpecProblem(["routes", "\(index)"] + $0.path, $0.message) }
        }
        return problems.map { SpecProblem(["alerts"] + $0.path, $0.message) }
    }

    /// What a route says of other routes, of members and of rules.
    private func referenceProblems(_ route: AlertRoute, at index: Int) -> [SpecProblem] {
        var problems: [SpecProblem] = []
        if alerts.routes[..<index].contains(where: { $0.name == route.name }) {
            problems.append(SpecProblem(["name"], "another route is named \"\(route.name)\" too"))
        }
        for name in route.members where !members.contains(where: { $0.name == name }) {
            problems.append(SpecProblem(["members"], "there is no member named \"\(name)\""))
        }
        if route.priorities.isEmpty, !alerts.routes.contains(where: { $0.escalation?.to == route.name }) {
            problems.append(SpecProblem(["priorities"], "it wants none, and no route escalates to it"))
        }
        if let escalation = route.escalation {
            if !alerts.routes.contains(where: { $0.name == escalation.to }) {
                problems.append(SpecProblem(["escalate", "to"], "there is no route named \"\(escalation.to)\""))
            } else if leadsBack(from: route) {
                problems.append(SpecProblem(["escalate", "to"], "it leads back to \"\(route.name)\""))
            }
        }
        return problems
    }

    /// Whether following escalations from a route comes to it again.
    private func leadsBack(from route: AlertRoute) -> Bool {
        var next = route.escalation?.to
        for _ in alerts.routes {
            if next == route.name { return true }
            next = alerts.routes.first { $0.name == next }?.escalation?.to
        }
        return false
    }
}

extension AlertRoute {
    /// What is wrong with one route, looked at alone.
    fileprivate func problems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        let isLegal = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "._-".utf8.contains(byte)
        }
        if name.isEmpty || name.utf8.count > 63 || !isLegal {
            problems.append(
                SpecProblem(
                    ["name"],
                    "\(name.debugDescription) is no name for a route: 1 to 63 letters (a to z), digits, \".\", \"_\" and \"-\""
                )
            )
        }
        if !(0...525_600).contains(repeatMinutes) {
            problems.append(SpecProblem(["repeatMinutes"], "\(repeatMinutes) is not from 0 to 525600 (a year)"))
        }
        if !(0.1...600).contains(timeoutSeconds) {
            problems.append(SpecProblem(["timeoutSeconds"], "\(timeoutSeconds) is not from 0.1 to 600"))
        }
        if let escalation, !(1...525_600).contains(escalation.afterMinutes) {
            problems.append(
                SpecProblem(
                    ["escalate", "afterMinutes"],
                    "\(escalation.afterMinutes) is not from 1 to 525600 (a year)"
                )
            )
        }
        if let quietHours {
            problems += quietHours.problems().map { SpecProblem(["quietHours"] + $0.path, $0.message) }
        }
        return problems + receiver.problems().map { SpecProblem([receiver.kind.rawValue] + $0.path, $0.message) }
    }
}

extension AlertRoute.QuietHours {
    fileprivate func problems() -> [SpecProblem] {
        if from == to { return [SpecProblem(["to"], "they end when they begin: leave them out, or give two times")] }
        // Whether there is such a zone is known only where time zones are: whoever tells alerts, or validates specs for
        // people, asks there.
        let isName = timeZone.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/_+-".utf8.contains(byte)
        }
        guard !timeZone.isEmpty, isName else {
            return [
                SpecProblem(["timeZone"], "\(timeZone.debugDescription) is no time zone, such as Europe/Berlin or UTC")
            ]
        }
        return []
    }
}

extension AlertReceiver {
    fileprivate func problems() -> [SpecProblem] {
        switch self {
        case .webhook(let webhook):
            return webhook.url.problems(at: "url") + (webhook.authorization?.problems(at: "authorization") ?? [])
        case .slack(let slack): return slack.url.problems(at: "url")
        case .pagerDuty(let pagerDuty):
            let isURL = ["https://", "http://"].contains {
                pagerDuty.url.hasPrefix($0) && pagerDuty.url.utf8.count > $0.utf8.count
            }
            return pagerDuty.routingKey.problems(at: "routingKey")
                + (isURL
                    ? [] : [SpecProblem(["url"], "\(pagerDuty.url.debugDescription) is no http:// or https:// URL")])
        case .email(let email): return email.problems()
        case .command(let words):
            if words.first?.isUsablePath != true { return [SpecProblem([], "give a program, and its arguments")] }
            if words.contains(where: { $0.utf8.contains(0) }) { return [SpecProblem([], "it has a NUL character")] }
            return []
        }
    }
}

extension AlertReceiver.Email {
    fileprivate func problems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        if server == nil {
            problems.append(SpecProblem(["smtp"], "\(smtp.debugDescription) is no host or host:port"))
        }
        if to.isEmpty { problems.append(SpecProblem(["to"], "give at least one address")) }
        let addresses = [(["from"], from)] + to.enumerated().map { (["to", "\($0.offset)"], $0.element) }
        for (path, address) in addresses where !Self.isAddress(address) {
            problems.append(SpecProblem(path, "\(address.debugDescription) is no address, such as name@example.com"))
        }
        if (user == nil) != (password == nil) {
            problems.append(SpecProblem([user == nil ? "password" : "user"], "user and password go together"))
        }
        if user?.utf8.contains(where: { $0 < 32 }) == true {
            problems.append(SpecProblem(["user"], "it has a control character"))
        }
        if password != nil, encryption == .none {
            problems.append(SpecProblem(["encryption"], "a password is not sent without encryption"))
        }
        if let caFile, !caFile.isUsablePath {
            problems.append(SpecProblem(["caFile"], "\(caFile.debugDescription) is no path"))
        }
        return problems + (password?.problems(at: "password") ?? [])
    }

    /// ASCII, one `@` with something on both sides, and nothing that could end it in a command or a header.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { (33...126).contains($0) && !"<>()[],;:\\\"".utf8.contains($0) }
    }
}

extension SecretReference {
    fileprivate func problems(at key: String) -> [SpecProblem] {
        problems().map { SpecProblem([key] + $0.path, $0.message) }
    }
}
