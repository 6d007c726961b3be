import Glibc

/// The number of files that a started `mongod` may have open.
///
/// A login shell on Debian allows 1024, of which `mongod` gives 819 to connections, and every collection and index
/// takes one too. 64000 is what MongoDB's manual asks for; this process's own limit is not touched.
enum FileLimit {
    static let wanted = 64000

    /// A command that runs a program with the limit raised, as far as the system's hard limit lets it; the command as
    /// it is where nothing can be raised. A shell raises it and then becomes the program.
    static func raising(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return (program, arguments) }
        return raising(program, arguments, soft: UInt64(limits.rlim_cur), hard: UInt64(limits.rlim_max))
    }

    static func raising(
        _ program: String,
        _ arguments: [String],
        soft: UInt64,
        hard: UInt64
    ) -> (program: String, arguments: [String]) {
        let limit = min(hard, UInt64(wanted))
        guard soft < limit, access("/bin/sh", X_OK) == 0 else { return (program, arguments) }
        let script = #"ulimit -S -n "$1" 2>/dev/null; shift; exec "$@""#
        return ("/bin/sh", ["-c", script, "sh", String(limit), program] + arguments)
    }
}
