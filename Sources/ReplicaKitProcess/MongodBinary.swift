import Glibc
internal import Logging
import ReplicaKit
internal import Subprocess
internal import SystemPackage

/// The `mongod` that a spec names: found, looked at once, and remembered until the file changes.
actor MongodBinary {
    /// A binary that can be run.
    struct Usable: Sendable, Hashable {
        let path: String
        let version: MongodVersion
    }

    private let name: String
    private let baseDirectory: String
    private let clock: any Clock<Duration>
    private var known: (status: FileStatus, task: Task<Usable, any Error>)?

    /// - Parameters:
    ///   - name: A path, relative to `baseDirectory`, or a name without slashes, looked up on PATH.
    ///   - baseDirectory: The directory of the spec's file.
    init(name: String, baseDirectory: String, clock: any Clock<Duration>) {
        (self.name, self.baseDirectory, self.clock) = (name, baseDirectory, clock)
    }

    /// The binary, if there is one of a supported version. Members that start together ask for it once.
    func usable() async throws -> Usable {
        let path = try Self.locate(name, baseDirectory: baseDirectory, searchPath: environmentValue("PATH") ?? "")
        guard let status = FileStatus(of: canonicalPath(path)) else { throw Self.notFound(path) }
        if let known, known.status == status { return try await known.task.value }
        let clock = clock
        let task = Task { try await Self.inspect(path, clock: clock) }
        known = (status, task)
        do {
            return try await task.value
        } catch {
            known = nil
            throw error
        }
    }

    /// The path of a binary that exists and may be run.
    static func locate(_ name: String, baseDirectory: String, searchPath: String) throws -> String {
        if name.contains("/") {
            let path = name.hasPrefix("/") ? name : baseDirectory + "/" + name
            guard let status = FileStatus(of: canonicalPath(path)) else { throw notFound(path) }
            guard status.kind == .file, access(path, X_OK) == 0 else {
                throw unsuitable(path, "it is not an executable file", hint: "Make it executable: chmod +x \(path)")
            }
            return path
        }
        for directory in searchPath.split(separator: ":") where directory.hasPrefix("/") {
            let path = directory + "/" + name
            if FileStatus(of: canonicalPath(path))?.kind == .file, access(path, X_OK) == 0 { return path }
        }
        throw ReplicaKitError(.binaryNotFound, "there is no \"\(name)\" on PATH", hint: installHint)
    }

    private static let installHint =
        "Install the MongoDB server (\(MongodVersion.supportedRange)), or name its path in the spec: "
        + "runtime: {process: {mongod: PATH}}."

    private static func notFound(_ path: String) -> ReplicaKitError {
        ReplicaKitError(.binaryNotFound, "there is no mongod at \(path)", hint: installHint)
    }

    private static func unsuitable(_ path: String, _ why: String, hint: String? = nil) -> ReplicaKitError {
        ReplicaKitError(.binaryUnsuitable, "\(path) cannot be used as mongod: \(why)", hint: hint ?? installHint)
    }

    private static func inspect(_ path: String, clock: any Clock<Duration>) async throws -> Usable {
        let outcome: ProcessOutcome
        do {
            outcome = try await runProcess(path, ["--version"], deadline: .seconds(15), clock: clock)
        } catch let error as SubprocessError {
            throw unsuitable(path, "it cannot be started: \(error)")
        }
        let shown = outcome.output.split(whereSeparator: \.isNewline).first.map { $0.prefix(200) } ?? "nothing"
        guard outcome.status != .timedOut else { throw unsuitable(path, "--version did not end within 15 s") }
        guard let version = MongodVersion(banner: outcome.output) else {
            throw unsuitable(path, "its --version printed: \(shown)")
        }
        guard version.isSupported else {
            throw unsuitable(path, "it is version \(version), and \(MongodVersion.supportedRange) is supported")
        }
        return Usable(path: path, version: version)
    }
}
