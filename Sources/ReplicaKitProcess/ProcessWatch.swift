import Glibc
import ReplicaKit

/// Looks at the members' processes again and again, and tells what has changed.
///
/// A process is held by its handle from one look to the next, so that an end is never missed, even when the next process
/// is there already.
actor ProcessWatch {
    private struct Watched {
        let directory: MemberDirectory
        var handle: ProcessHandle?
        var isPaused = false
    }

    private var watched: [Watched]
    private let clock: any Clock<Duration>
    private var found: [MemberProcessEvent] = []

    init(directories: [MemberDirectory], clock: any Clock<Duration>) {
        watched = directories.map { Watched(directory: $0) }
        self.clock = clock
    }

    /// Remembers how things are.
    func begin() {
        for index in watched.indices {
            watched[index].handle = watched[index].directory.finder.find()?.handle
            watched[index].isPaused = watched[index].handle.map(Self.isPaused) ?? false
        }
    }

    /// The next event. Throws when the task is cancelled.
    func next() async throws -> MemberProcessEvent? {
        while found.isEmpty {
            for index in watched.indices { look(at: &watched[index]) }
            if found.isEmpty { try await clock.sleep(for: .milliseconds(50)) }
        }
        return found.removeFirst()
    }

    private func look(at member: inout Watched) {
        if let handle = member.handle, handle.hasEnded {
            tell(.died(member.directory.lastExit()), of: member)
            (member.handle, member.isPaused) = (nil, false)
        }
        if member.handle == nil, let handle = member.directory.finder.find()?.handle {
            tell(.started, of: member)
            member.handle = handle
        }
        guard let handle = member.handle else { return }
        let isPaused = Self.isPaused(handle)
        if isPaused != member.isPaused, !handle.hasEnded {
            tell(isPaused ? .paused : .unpaused, of: member)
            member.isPaused = isPaused
        }
    }

    private func tell(_ kind: MemberProcessEvent.Kind, of member: Watched) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = Double(now.tv_sec) + Double(now.tv_nsec) / 1_000_000_000
        found.append(MemberProcessEvent(member: member.directory.member.name, kind: kind, time: time))
    }

    /// Whether a signal has stopped the process where it was.
    private static func isPaused(_ handle: ProcessHandle) -> Bool {
        guard let stat = try? readSmallFile("/proc/\(handle.pid)/stat"),
            let state = ProcessFacts.parse(stat: stat)?.state
        else { return false }
        return state == "T"
    }
}
