import AsyncHTTPClient
import ReplicaKit

/// Tells a program over HTTP, in the shape of Alertmanager's webhooks.
struct WebhookSender: AlertSender {
    let webhook: AlertReceiver.Webhook
    let secrets: SecretStore
    let http: HTTPClient

    let capacity = 100

    func send(_ notification: AlertNotification) async throws -> String {
        let delivery = HTTPDelivery(
            url: try secrets.readURL(webhook.url),
            authorization: try webhook.authorization.map { reference throws in try secrets.read(reference) },
            body: notification.webhookJSON
        )
        // What it says beside 2xx has no meaning.
        return "\(try await delivery.post(with: http, readsBody: false).status)"
    }

    func preview(_ notification: AlertNotification) throws -> String {
        let header = webhook.authorization == nil ? "" : "Authorization: <redacted>\n"
        return
            "POST <redacted>\nContent-Type: application/json\n\(header)\n\(notification.webhookJSON.text(pretty: true))"
    }
}

extension AlertNotification {
    /// The notification as version 4 of Alertmanager's webhooks has it.
    var webhookJSON: JSONValue {
        let alerts = alerts.map { alert in
            JSONObject([
                ("status", .string(alert.status.rawValue)), ("labels", .object(alert.labels)),
                ("annotations", .object(alert.annotations)), ("startsAt", .string(alert.startsAt.rfc3339)),
                // As Go writes no time.
                ("endsAt", .string(alert.endsAt?.rfc3339 ?? "0001-01-01T00:00:00Z")), ("generatorURL", ""),
                ("fingerprint", .string(alert.fingerprint)),
            ])
        }
        return [
            "version": "4", "groupKey": .string("{}:{set=\"\(set)\"}"),
            "truncatedAlerts": JSONValue(summary?.total ?? 0),
            "status": .string(status.rawValue), "receiver": .string(route),
            "groupLabels": ["set": .string(set.rawValue)],
            "commonLabels": .object(common(self.alerts.map(\.labels))),
            "commonAnnotations": .object(common(self.alerts.map(\.annotations))), "externalURL": "",
            "alerts": .array(alerts.map { .object($0) }),
        ]
    }

    /// What all have.
    private func common(_ objects: [JSONObject]) -> JSONObject {
        guard let first = objects.first else { return [:] }
        return JSONObject(
            members: first.members.filter { member in objects.allSatisfy { $0[member.key] == member.value } }
        )
    }
}

extension Alert {
    /// What it is, by which receivers group and tell apart.
    var labels: JSONObject {
        var labels = identity
        labels["severity"] = .string(subject.severity.rawValue)
        labels["priority"] = .string(subject.priority.rawValue)
        return labels
    }

    /// What stays the same however bad it gets.
    private var identity: JSONObject {
        var labels: JSONObject = ["alertname": .string(subject.rule.rawValue), "set": .string(set.rawValue)]
        labels["member"] = subject.member.map { .string($0) }
        labels["host"] = subject.host.map { .string($0) }
        return labels
    }

    /// What people want to know of it.
    var annotations: JSONObject {
        var annotations: JSONObject = ["summary": .string(subject.sentence), "remedy": .string(subject.remedy)]
        if !subject.evidence.isEmpty { annotations["evidence"] = .string(subject.evidence.joined(separator: ", ")) }
        annotations["reason"] = .string(reason.rawValue)
        return annotations
    }

    /// The same for the same alert, however bad it is.
    var fingerprint: String {
        Fingerprint.of(identity.members.sorted { $0.key < $1.key }.flatMap { [$0.key, "\($0.value)"] })
    }
}
