extension HealthRule {
    static let replication: [HealthRule] = []
}
