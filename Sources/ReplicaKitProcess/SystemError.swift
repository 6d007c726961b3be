import Glibc
import ReplicaKit

/// A system call that failed, and on what.
struct SystemError: Error {
    let code: Int32
    let call: String
    let path: String

    init(_ call: String, _ path: String, code: Int32 = errno) {
        self.code = code
        self.call = call
        self.path = path
    }

    var text: String { Self.text(of: code) }

    /// The system's own words for an error number.
    static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The error as the package shows it: what was attempted, and what to do.
    func whileTrying(to task: String) -> ReplicaKitError {
        let message = "cannot \(task): \(path): \(text)"
        switch code {
        case ENOSPC, EDQUOT:
            return ReplicaKitError(
                .diskFull,
                message,
                hint: "Free space on that file system (df \(path)), or give the spec another runtime directory.",
                cause: self
            )
        case ENOENT where call != "mkdir":
            return ReplicaKitError(.fileUnreadable, message, hint: "Look whether something removed it.", cause: self)
        default:
            return ReplicaKitError(
                .fileUnwritable,
                message,
                hint: "Make the directory writable for this user, or give the spec another runtime directory.",
                cause: self
            )
        }
    }
}

/// Runs what touches files, and turns a failed system call into the package's error.
func reporting<Result>(_ task: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SystemError {
        throw error.whileTrying(to: task)
    }
}
