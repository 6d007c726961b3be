// What engines answer about what runs; as in EngineTypes.swift all may be null or missing.

/// What a container uses.
struct ContainerStats: Decodable, Sendable {
    var read: String?
    var cpu_stats: Processor?
    var memory_stats: Memory?
    var blkio_stats: Disks?
    var networks: [String: Interface]?

    struct Processor: Decodable, Sendable { var cpu_usage: Usage? }
    struct Usage: Decodable, Sendable { var total_usage: UInt64? }

    struct Memory: Decodable, Sendable {
        var usage: UInt64?
        var limit: UInt64?
        var stats: Cached?
    }

    struct Cached: Decodable, Sendable {
        /// With control groups of version 2.
        var inactive_file: UInt64?
        /// With control groups of version 1.
        var total_inactive_file: UInt64?
    }

    struct Disks: Decodable, Sendable { var io_service_bytes_recursive: [Transfer]? }

    struct Transfer: Decodable, Sendable {
        var op: String?
        var value: UInt64?
    }

    struct Interface: Decodable, Sendable {
        var rx_bytes: UInt64?
        var tx_bytes: UInt64?
    }
}

/// The processes of a container.
struct ContainerProcesses: Decodable, Sendable {
    var Titles: [String]?
    var Processes: [[String]]?
}

/// What an exec is made from.
struct ExecRequest: Encodable, Sendable {
    var AttachStdout = true
    var AttachStderr = true
    var Cmd: [String]
}

/// An exec that was made.
struct ExecReference: Decodable, Sendable { var Id: String }

/// How an exec is started. Without `Upgrade` its output is the answer.
struct ExecStart: Encodable, Sendable {
    var Detach = false
    var Tty = false
}

/// An exec, inspected.
struct ExecDetails: Decodable, Sendable {
    var Running: Bool?
    var ExitCode: Int?
}

/// Something that happened.
struct EngineEvent: Decodable, Sendable {
    var Action: String?
    var Actor: Subject?
    var time: Int64?
    var timeNano: Int64?

    struct Subject: Decodable, Sendable {
        /// The container's labels, its name, and what the action adds.
        var Attributes: [String: String]?
    }
}
