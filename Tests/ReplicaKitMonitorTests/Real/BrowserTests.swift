import Foundation
import ReplicaKit
import ReplicaKitMonitor
import TestSupport
import Testing

@Suite("The page in a real browser", .realServers(), .programs("chromium"))
struct BrowserTests {
    private struct Input: Codable {
        var url: String
        var token: String
        var directory: String
        var ports: [Int]
        var user: String
        var password: String
    }

    /// What the page was at one size and colour scheme.
    private struct View: Codable {
        var width: Int
        var scheme: String
        var scrollWidth: Int
        var background: [Int]
        var lowestContrast: Double
        var image: String
        var unnamed: [String]
    }

    private struct Findings: Codable {
        var first: String
        var views: [View]
        var second: String
        var events: String
        var reloads: Int
        var problems: [String]
        var outside: [String]
        var focusable: [String]
        var readout: String
        var title: String
    }

    @Test("It shows the set at any size, in light and dark, and a failover without a reload", .timeLimit(.minutes(20)))
    func page() async throws {
        try await WatchedSet.with { watched in
            try await TemporaryDirectory.with { directory in
                let token = directory.path("token")
                guard
                    FileManager.default.createFile(
                        atPath: token,
                        contents: Data("a-token-of-the-tests".utf8),
                        attributes: [.posixPermissions: 0o600]
                    )
                else { throw TestFailure("cannot make \(token)") }
                let endpoint = EndpointOptions(port: 0, token: .file(token))
                // Where screenshots stay when somebody wants to see them.
                let kept = ProcessInfo.processInfo.environment["RK_SCREENSHOTS"] ?? directory.path
                let found = try await RunningMonitor.with([watched.set], endpoint: endpoint) { monitor in
                    try await Judge.ask(
                        try Self.script,
                        input: Input(
                            url: monitor.url,
                            token: "a-token-of-the-tests",
                            directory: kept,
                            ports: watched.members.addresses.map(\.port),
                            user: watched.set.spec.security.admin.user,
                            password: try watched.password
                        ),
                        as: Findings.self
                    )
                }
                let names = watched.members.names.map(\.rawValue)
                #expect(names.contains(found.first))
                #expect(names.contains(found.second) && found.second != found.first)
                #expect(found.events.contains("\(found.second) was elected the primary of term"))
                #expect(found.reloads == 0)
                #expect(found.problems.isEmpty)
                #expect(found.outside.isEmpty)
                #expect(found.title.contains("rs-test"))
                #expect(
                    found.views.map { "\($0.width) \($0.scheme)" } == [
                        "1280 light", "390 light", "1280 dark", "390 dark",
                    ]
                )
                for view in found.views {
                    #expect(view.scrollWidth <= view.width, "\(view.width): it must not scroll sideways")
                    #expect((view.background.reduce(0, +) < 384) == (view.scheme == "dark"))
                    // WCAG 2.1 AA for text.
                    #expect(view.lowestContrast >= 4.5, "\(view.scheme)")
                    #expect(view.unnamed.isEmpty)
                    let size = try Data(contentsOf: URL(filePath: view.image)).count
                    #expect(size > 20_000)
                }
                // Everything that can be used is reached with the keyboard, and plots are read with it.
                for name in ["Skip to the state of the set", "rs-test", "15 min", "lag-plot", "state-plot"] {
                    #expect(found.focusable.contains { $0.contains(name) }, "\(name)")
                }
                #expect(found.readout.contains(found.second))
            }
        }
    }

    private static var script: String {
        get throws {
            try String(
                contentsOfFile: RealServers.packageRoot + "/Tests/ReplicaKitMonitorTests/Real/browser.py",
                encoding: .utf8
            )
        }
    }
}
