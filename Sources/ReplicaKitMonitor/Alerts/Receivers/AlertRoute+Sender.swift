import AsyncHTTPClient
import Foundation
import Logging
import ReplicaKit

extension AlertRoute {
    /// What tells the receiver. Secrets are read anew for each message, so that one that was changed needs no restart.
    func sender(
        spec: ReplicaSetSpec,
        secrets: SecretStore,
        http: HTTPClient,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date.now }
    ) -> any AlertSender {
        switch receiver {
        case .webhook(let webhook): WebhookSender(webhook: webhook, secrets: secrets, http: http)
        case .slack(let slack): SlackSender(slack: slack, secrets: secrets, http: http)
        case .pagerDuty(let pagerDuty): PagerDutySender(pagerDuty: pagerDuty, secrets: secrets, http: http)
        case .email(let email):
            EmailSender(
                email: email,
                secrets: secrets,
                timeout: .seconds(timeoutSeconds),
                now: now,
                logger: logger
            )
        case .command(let words):
            CommandSender(words: words, directory: secrets.resolve("."), hidden: spec.secretVariables)
        }
    }
}

extension ReplicaSetSpec {
    /// Checks what only the machine that tells can know: time zones, and that the secrets are there.
    ///
    /// - Throws: ``ReplicaKitError``.
    func checkAlerts(_ secrets: SecretStore) throws(ReplicaKitError) {
        if let problem = timeZoneProblems().first {
            throw ReplicaKitError(.invalidSpec, "the spec is wrong: \(problem)")
        }
        for route in alerts.routes {
            for secret in route.receiver.secrets { _ = try secrets.read(secret) }
        }
    }

    /// The environment variables with secrets that the spec names: no program that is run may see them.
    fileprivate var secretVariables: Set<String> {
        let named = [security.admin.password] + alerts.routes.flatMap(\.receiver.secrets)
        return Set(
            named.compactMap { secret in
                if case .env(let name) = secret { name } else { nil }
            }
        )
    }
}
