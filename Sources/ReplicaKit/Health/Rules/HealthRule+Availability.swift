extension HealthRule {
    static let availability: [HealthRule] = []
}
