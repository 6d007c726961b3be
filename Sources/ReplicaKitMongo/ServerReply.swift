import ReplicaKit

/// What a reply says about how the command went.
struct ServerReply {
    /// The kinds of failure that a reply can report.
    enum Failure: Equatable {
        /// The command failed (`ok: 0`).
        case command(ReplicaKitError.ServerError)
        /// Some documents were not written (`writeErrors`): the first error, and how many there are.
        case write(ReplicaKitError.ServerError, count: Int)
        /// What was written was not acknowledged as asked (`writeConcernError`).
        case writeConcern(ReplicaKitError.ServerError)

        var server: ReplicaKitError.ServerError {
            switch self {
            case .command(let error), .write(let error, _), .writeConcern(let error): error
            }
        }

        var message: String { server.message }
    }

    /// How the command failed, if it did.
    let failure: Failure?

    /// Reads the top of a reply; what is inside other fields is passed over.
    init(_ reply: BSONDocument) {
        var fields: [String: BSONValue] = [:]
        var reader = reply.reader()
        while let element = try? reader.next() {
            let key = element.key
            if Self.interesting.contains(key), fields[key] == nil { fields[key] = try? element.value() }
        }
        let labels = fields["errorLabels"]?.arrayValue?.compactMap(\.stringValue) ?? []
        // Some old commands answer without `ok`; what has none has not failed.
        if let ok = fields["ok"], !ok.isTruthy {
            failure = .command(Self.error(fields, textKey: "errmsg", labels: labels))
        } else if let errors = fields["writeErrors"]?.arrayValue, let first = errors.first(where: { _ in true }) {
            let error = Self.error(first.documentValue.map(Self.fields) ?? [:], textKey: "errmsg", labels: labels)
            failure = .write(error, count: errors.count)
        } else if let error = fields["writeConcernError"]?.documentValue {
            failure = .writeConcern(Self.error(Self.fields(error), textKey: "errmsg", labels: labels))
        } else {
            failure = nil
        }
    }

    /// The failure of a reply with `ok: 1`.
    var writeFailure: Failure? {
        if case .command = failure { return nil }
        return failure
    }

    private static let interesting: Set<String> = [
        "ok", "code", "codeName", "errmsg", "errorLabels", "writeErrors", "writeConcernError",
    ]

    private static func fields(_ document: BSONDocument) -> [String: BSONValue] {
        Dictionary(document.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private static func error(
        _ fields: [String: BSONValue],
        textKey: String,
        labels: [String]
    ) -> ReplicaKitError.ServerError {
        let code = fields["code"]?.intValue ?? 0
        return ReplicaKitError.ServerError(
            code: code,
            codeName: fields["codeName"]?.stringValue ?? ServerCode(rawValue: code).name,
            message: fields[textKey]?.stringValue ?? "",
            labels: labels
        )
    }
}

/// A server's numeric error code.
///
/// Source: MongoDB's list of error codes (`error_codes.yml`), of which only what the driver tells apart stands here.
struct ServerCode: RawRepresentable, Hashable {
    var rawValue: Int

    static let unauthorized = Self(rawValue: 13)
    static let authenticationFailed = Self(rawValue: 18)
    static let maxTimeMSExpired = Self(rawValue: 50)
    static let writeConcernFailed = Self(rawValue: 64)
    static let unknownReplWriteConcern = Self(rawValue: 79)
    static let shutdownInProgress = Self(rawValue: 91)
    static let unsatisfiableWriteConcern = Self(rawValue: 100)
    static let primarySteppedDown = Self(rawValue: 189)
    static let exceededTimeLimit = Self(rawValue: 262)
    static let legacyNotPrimary = Self(rawValue: 10058)
    static let notWritablePrimary = Self(rawValue: 10107)
    static let duplicateKey = Self(rawValue: 11000)
    static let interruptedAtShutdown = Self(rawValue: 11600)
    static let interruptedDueToReplStateChange = Self(rawValue: 11602)
    static let notPrimaryNoSecondaryOk = Self(rawValue: 13435)
    static let notPrimaryOrSecondary = Self(rawValue: 13436)

    /// The name of a code in a reply that has none, as write errors; empty for most.
    var name: String {
        switch self {
        case .duplicateKey: "DuplicateKey"
        case Self(rawValue: 121): "DocumentValidationFailure"
        case Self(rawValue: 10334): "BSONObjectTooLarge"
        case .writeConcernFailed: "WriteConcernFailed"
        default: ""
        }
    }

    /// The package's code for it, where the command failed with it.
    var errorCode: ReplicaKitError.Code {
        switch self {
        case .unauthorized: .notAuthorized
        case .authenticationFailed: .authenticationFailed
        case .maxTimeMSExpired, .exceededTimeLimit: .serverTimedOut
        case .writeConcernFailed, .unknownReplWriteConcern, .unsatisfiableWriteConcern: .writeConcernFailed
        // The member ends, and its connections with it: who waits for it has to connect again.
        case .shutdownInProgress, .interruptedAtShutdown: .connectionClosed
        case .primarySteppedDown, .legacyNotPrimary, .notWritablePrimary, .interruptedDueToReplStateChange,
            .notPrimaryNoSecondaryOk, .notPrimaryOrSecondary:
            .notPrimary
        default: .commandFailed
        }
    }
}
