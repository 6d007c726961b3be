internal import CMongoShim
import Logging
import ReplicaKit

/// libmongoc as the process has it: prepared once, never torn down.
///
/// Its log handler is one for the whole process, and is set before anything else so that libmongoc never writes to
/// standard output. Every line is put aside for the client whose call caused it (``LibraryLog``); what libmongoc logs in
/// calls that are not ReplicaKit's own is dropped.
enum MongoLibrary {
    private static let started: Void = rk_library_start()

    static func start() { _ = started }
}

/// Where the lines go that libmongoc logs during one client's calls.
struct LibraryLog: Sendable {
    var logger: Logger
    var redactor: Redactor

    /// Passes on what a client has put aside.
    func drain(from client: OpaquePointer) {
        var level: Int32 = 0
        while let line = rk_client_next_log_line(client, &level) {
            logger.log(level: Self.level(level), "\(redactor.redact(String(cString: line)))")
        }
    }

    /// A level of libmongoc as one of ours.
    ///
    /// What it calls errors and warnings reaches the caller as a thrown error, so here they are worth less.
    static func level(_ level: Int32) -> Logger.Level {
        switch level {
        case 0, 1, 2: .debug
        default: .trace
        }
    }
}
