import Foundation
import Glibc
import ReplicaKit
import ReplicaKitDocker
import Synchronization
import TestSupport

/// An engine on a real Unix socket that answers as a test says, byte for byte.
final class StubEngine: Sendable {
    /// What a request is answered with.
    enum Reply: Sendable {
        /// These bytes, and the connection is closed.
        case bytes(String)
        /// These bytes, and the connection stays open and silent.
        case bytesThenSilence(String)
        /// The connection is reset.
        case reset
    }

    let path: String
    private let listener: Int32
    private let requests = Mutex<[String]>([])
    private let open = Mutex<[Int32]>([])

    /// The request lines so far.
    var seen: [String] { requests.withLock { $0 } }

    init(in directory: TemporaryDirectory, _ answer: @escaping @Sendable (String) -> Reply) throws {
        path = directory.path("docker.sock")
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 512) == 0 else { throw TestFailure("cannot listen at \(path)") }
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                open.withLock { $0.append(connection) }
                Thread.detachNewThread { self.serve(connection, answer) }
            }
        }
    }

    /// Ends everything.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        open.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    private func serve(_ connection: Int32, _ answer: (String) -> Reply) {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !text.contains("\r\n\r\n") {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        let line = String(text.prefix { $0 != "\r\n" && $0 != "\r" })
        requests.withLock { $0.append(line) }
        let reply: Reply = line.contains("/_ping") ? .bytes(Self.ping) : answer(line)
        switch reply {
        case .bytes(let bytes):
            send(bytes, to: connection)
            end(connection)
        case .bytesThenSilence(let bytes):
            send(bytes, to: connection)
        case .reset:
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            end(connection)
        }
    }

    /// Closes a connection; its number may be another's a moment later.
    private func end(_ connection: Int32) {
        open.withLock { open in
            open.removeAll { $0 == connection }
            Glibc.close(connection)
        }
    }

    private func send(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static let ping =
        "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"

    /// An answer with a body.
    static func json(_ body: String, status: String = "200 OK") -> Reply {
        .bytes(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
        )
    }
}
