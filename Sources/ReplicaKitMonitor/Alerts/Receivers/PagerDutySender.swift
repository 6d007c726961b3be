import AsyncHTTPClient
import ReplicaKit

/// Tells a service of PagerDuty: one event for each alert, whose key opens and closes one incident.
struct PagerDutySender: AlertSender {
    let pagerDuty: AlertReceiver.PagerDuty
    let secrets: SecretStore
    let http: HTTPClient

    /// One event each: the rest is one incident together.
    let capacity = 20

    func send(_ notification: AlertNotification) async throws -> String {
        let key = try secrets.read(pagerDuty.routingKey)
        var answers: [String] = []
        // One that was taken before another failed is sent again, and is the same to PagerDuty by its key.
        for event in notification.pagerDutyEvents(routingKey: key.reveal()) {
            let delivery = HTTPDelivery(url: Secret(endpoint), body: event, otherSecrets: [key])
            let answer = try await delivery.post(with: http, readsBody: true)
            guard let json = try? BSONDocument(extendedJSON: answer.body),
                json["status"]?.stringValue == "success"
            else {
                throw DeliveryFailure(
                    message:
                        "it answered \(answer.status), but no success as PagerDuty does: \(delivery.shown(answer.body))"
                )
            }
            answers.append("\(answer.status) \(delivery.shown(json["message"]?.stringValue ?? "success"))")
        }
        return Set(answers).sorted().joined(separator: ", ")
    }

    func preview(_ notification: AlertNotification) throws -> String {
        let events = notification.pagerDutyEvents(routingKey: "<redacted>")
        return events.map { "POST \(endpoint)\nContent-Type: application/json\n\n\($0.text(pretty: true))" }
            .joined(separator: "\n\n")
    }

    private var endpoint: String {
        var base = pagerDuty.url[...]
        while base.last == "/" { base.removeLast() }
        return base + "/v2/enqueue"
    }
}

extension AlertNotification {
    /// The notification as events of PagerDuty's Events API, version 2.
    func pagerDutyEvents(routingKey: String) -> [JSONValue] {
        var events = alerts.map { alert in
            event(routingKey, alert.deduplicationKey, isResolved: alert.status == .resolved, alert.pagerDutyPayload)
        }
        if let summary {
            let payload: JSONObject = [
                "summary": .string("\(set): \(summary.text)".cut(to: 1024)), "source": .string(set.rawValue),
                "severity": summary.priority < .p2 ? "critical" : "warning", "group": .string(set.rawValue),
            ]
            let key = Alert.deduplicationKey(set: set, rest: "more/\(route)")
            events.append(event(routingKey, key, isResolved: summary.total == 0, payload))
        }
        return events
    }

    private func event(_ routingKey: String, _ key: String, isResolved: Bool, _ payload: JSONObject) -> JSONValue {
        var event: JSONObject = [
            "routing_key": .string(routingKey), "event_action": isResolved ? "resolve" : "trigger",
            "dedup_key": .string(key),
        ]
        if !isResolved { event["payload"] = .object(payload) }
        return .object(event)
    }
}

extension Alert {
    fileprivate var pagerDutyPayload: JSONObject {
        let severity =
            switch subject.severity {
            case .critical: "critical"
            case .unknown, .warning: "warning"
            case .info: "info"
            }
        return [
            "summary": .string("[\(subject.priority.rawValue)] \(set): \(subject.sentence)".cut(to: 1024)),
            "source": .string(subject.host ?? set.rawValue), "severity": .string(severity),
            "timestamp": .string(startsAt.rfc3339), "component": .string(subject.member ?? set.rawValue),
            "group": .string(set.rawValue), "class": .string(subject.rule.rawValue),
            "custom_details": [
                "priority": .string(subject.priority.rawValue), "reason": .string(reason.rawValue),
                "evidence": .string(subject.evidence.joined(separator: ", ")), "remedy": .string(subject.remedy),
            ],
        ]
    }
}

extension String {
    /// The beginning, no longer than so many characters.
    func cut(to limit: Int) -> String { count <= limit ? self : prefix(limit - 1) + "…" }
}
