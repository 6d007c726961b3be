import AsyncHTTPClient
import Foundation
import ReplicaKit

/// Tells a channel of Slack, or of what speaks like it.
struct SlackSender: AlertSender {
    let slack: AlertReceiver.Slack
    let secrets: SecretStore
    let http: HTTPClient

    /// A message has at most 50 blocks, and nobody reads that many.
    let capacity = 20

    func send(_ notification: AlertNotification) async throws -> String {
        let delivery = HTTPDelivery(url: try secrets.readURL(slack.url), body: notification.slackJSON)
        let answer = try await delivery.post(with: http, readsBody: true)
        // Anything else that says 200 is not Slack: a proxy, or a page to log in at.
        guard answer.body.trimmingCharacters(in: .whitespacesAndNewlines) == "ok" else {
            throw DeliveryFailure(
                message: "it answered \(answer.status), but not \"ok\" as Slack does: \(delivery.shown(answer.body))"
            )
        }
        return "\(answer.status) ok"
    }

    func preview(_ notification: AlertNotification) throws -> String {
        "POST <redacted>\nContent-Type: application/json\n\n\(notification.slackJSON.text(pretty: true))"
    }
}

extension AlertNotification {
    /// The notification as a message of Slack: a line for phones, and a block for each alert.
    var slackJSON: JSONValue {
        var sections = alerts.map(\.slackText)
        if let summary { sections.append("*\(summary.text.slackEscaped(to: 2900))*") }
        return [
            "text": .string(title.slackEscaped(to: 2900)),
            "blocks": .array(
                sections.map { ["type": "section", "text": ["type": "mrkdwn", "text": .string($0)]] }
            ),
        ]
    }
}

extension Alert {
    fileprivate var slackText: String {
        let state = status == .firing ? "FIRING \(subject.priority.rawValue) \(subject.severity.rawValue)" : "RESOLVED"
        var lines = ["*\(state)* \("\(set) \(subject.rule)".slackEscaped(to: 200))"]
        lines.append(subject.sentence.slackEscaped(to: 1200))
        if status == .firing {
            lines.append(subject.remedy.slackEscaped(to: 1000))
            lines.append("since \(startsAt.rfc3339)" + (reason == .appeared ? "" : " (\(reason.rawValue))"))
        } else if let endsAt {
            lines.append("\(startsAt.rfc3339) to \(endsAt.rfc3339)")
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// The text with the characters escaped that mean something to Slack, cut to so many characters as sent.
    fileprivate func slackEscaped(to limit: Int) -> String {
        var text = ""
        for character in self {
            let piece =
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(character)
                }
            guard text.utf16.count + piece.utf16.count < limit else { return text + "…" }
            text += piece
        }
        return text
    }
}
