extension HealthRule {
    static let configuration: [HealthRule] = []
}
