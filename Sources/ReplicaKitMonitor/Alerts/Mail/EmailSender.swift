import Foundation
import Logging
import ReplicaKit

/// Tells people by e-mail: one message for all that is found at once.
struct EmailSender: AlertSender {
    let email: AlertReceiver.Email
    let secrets: SecretStore
    let timeout: Duration
    let now: @Sendable () -> Date
    let logger: Logger

    let capacity = 100

    func send(_ notification: AlertNotification) async throws -> String {
        guard let server = email.server else {
            throw DeliveryFailure(message: "\"\(email.smtp)\" is no host or host:port", isPermanent: true)
        }
        let client = SMTPClient(
            host: server.host,
            port: server.port,
            encryption: email.encryption,
            caFile: email.caFile.map(secrets.resolve),
            user: email.user,
            password: try email.password.map { reference throws in try secrets.read(reference) },
            timeout: timeout
        )
        let receipt = try await client.deliver(notification.mail(from: email.from, to: email.to, at: now()))
        guard !receipt.refused.isEmpty else { return receipt.answer }
        // The others have it: to send it again would tell them twice and these never.
        let refused = receipt.refused.joined(separator: "; ")
        logger.warning("a recipient of alerts is refused: \(refused)", metadata: ["route": "\(notification.route)"])
        return "\(receipt.answer); refused: \(refused)"
    }

    func preview(_ notification: AlertNotification) throws -> String {
        let login = email.user.map { "login: \($0) <redacted>\n" } ?? ""
        let mail = notification.mail(from: email.from, to: email.to, at: now())
        return "SMTP \(email.smtp), encryption: \(email.encryption.rawValue)\n\(login)\n"
            + mail.text.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }
}

extension AlertNotification {
    /// The notification as an e-mail. Messages on the same alert refer to the same first one, so that mail programs show
    /// them together.
    func mail(from: String, to: [String], at date: Date) -> MailMessage {
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let roots = alerts.map { alert in
            "alert-\(Fingerprint.of([alert.deduplicationKey, alert.startsAt.rfc3339]))@\(domain)"
        }
        // The same again within a minute is the same message, which mail servers may know; later it is another.
        let minute = "\(Int(date.timeIntervalSince1970 / 60))"
        let words = zip(roots, alerts).flatMap { [$0, $1.reason.rawValue] } + [summary?.text ?? "", minute]
        let isFirst = alerts.count == 1 && summary == nil && alerts[0].reason == .appeared
        return MailMessage(
            from: from,
            to: to,
            subject: title,
            date: date,
            id: isFirst ? roots[0] : "alerts-\(Fingerprint.of(words))@\(domain)",
            references: isFirst ? [] : Array(roots.prefix(20)),
            body: mailText
        )
    }

    private var mailText: String {
        var parts = alerts.map(\.mailText)
        if let summary { parts.append(summary.text) }
        return parts.joined(separator: "\n\n") + "\n\n-- \nReplicaKit, route \(route) of \(set)\n"
    }
}

extension Alert {
    fileprivate var mailText: String {
        let isFiring = status == .firing
        let state = isFiring ? "FIRING \(subject.priority.rawValue) \(subject.severity.rawValue)" : "RESOLVED"
        var lines = ["\(state)  \(subject.rule)\(subject.member.map { "  \($0)" } ?? "")", "  \(subject.message)"]
        if isFiring {
            if !subject.evidence.isEmpty { lines.append("  evidence: \(subject.evidence.joined(separator: ", "))") }
            if !subject.remedy.isEmpty { lines.append("  to do: \(subject.remedy)") }
            lines.append("  since: \(startsAt.rfc3339)" + (reason == .appeared ? "" : " (\(reason.rawValue))"))
        } else if let endsAt {
            lines.append("  from \(startsAt.rfc3339) to \(endsAt.rfc3339)")
        }
        return lines.joined(separator: "\n")
    }
}
