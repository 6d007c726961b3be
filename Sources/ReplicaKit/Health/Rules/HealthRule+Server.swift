extension HealthRule {
    static let server: [HealthRule] = []
}
