import ReplicaKit
import ReplicaKitBackup
import Synchronization

/// Shows a backup or a restore while it is made, on stderr: a bar with rate and estimate on a terminal, plain lines
/// elsewhere.
final class BackupProgressView: Sendable {
    private struct State {
        var phase = ""
        var start = ContinuousClock.now
        var done = 0
        var total = 0
        var lastTenth = -1
        var hasLiveLine = false
    }

    private let output: Output
    private let isLive: Bool
    private let state = Mutex(State())

    init(_ output: Output, isLive: Bool) {
        self.output = output
        self.isLive = isLive && Terminal.error.isInteractive && !output.isQuiet
    }

    /// Shows what happens during some work, and leaves a clean line behind.
    func during<Result>(_ work: () async throws -> Result) async rethrows -> Result {
        defer { state.withLock { clear(&$0) } }
        return try await work()
    }

    /// Takes an event, from any thread.
    @Sendable func receive(_ event: BackupEvent) {
        state.withLock { state in
            switch event {
            case .note(let text): say(text, &state)
            case .phase(let text):
                state.phase = text
                (state.start, state.done, state.total, state.lastTenth) = (.now, 0, 0, -1)
                say(text, &state)
            case .progress(let done, let total):
                (state.done, state.total) = (done, total)
                isLive ? redraw(&state) : sayTenth(&state)
            case .collection(let namespace, let documents, let bytes):
                if !isLive { say("  \(namespace): \(documents) documents, \(Format.bytes(bytes))", &state) }
            }
        }
    }

    private func redraw(_ state: inout State) {
        let share = state.total > 0 ? Double(state.done) / Double(state.total) : 0
        let filled = Int(share * 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let line = "\(bar) \(Int(share * 100)) %  \(figures(state))"
        Terminal.error.redraw(line.truncated(to: (Terminal.error.size?.columns ?? 80) - 1))
        state.hasLiveLine = true
    }

    private func sayTenth(_ state: inout State) {
        let tenth = state.total > 0 ? state.done * 10 / state.total : 0
        guard tenth != state.lastTenth else { return }
        state.lastTenth = tenth
        output.note("  \(tenth * 10) %  \(figures(state))")
    }

    private func figures(_ state: borrowing State) -> String {
        let seconds = (ContinuousClock.now - state.start) / .seconds(1)
        guard seconds > 0.2, state.done > 0 else { return Format.bytes(state.done) }
        let rate = Double(state.done) / seconds
        let left = Double(max(0, state.total - state.done)) / rate
        return "\(Format.bytes(state.done)) of \(Format.bytes(state.total)), \(Format.bytes(Int(rate)))/s, "
            + "\(Format.seconds(left)) left"
    }

    private func say(_ line: String, _ state: inout State) {
        clear(&state)
        output.note(line)
    }

    private func clear(_ state: inout State) {
        if state.hasLiveLine { Terminal.error.redraw("") }
        state.hasLiveLine = false
    }
}

extension Format {
    /// A size, in the unit that fits it: `512 B`, `3.4 MiB`.
    static func bytes(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(tenths(value)) \(units[unit])"
    }
}
