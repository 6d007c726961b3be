import Foundation
import Glibc

/// A server on a real socket that answers each message with whatever bytes a test likes.
final class FakeServer: Sendable {
    let port: Int
    private let listener: Int32

    /// Listens on the loopback interface.
    ///
    /// - Parameters:
    ///   - backlog: How many connections the system holds for a server that accepts none.
    ///   - answer: What to send after a message, which may be anything; `nil` hangs up. Without it nobody accepts.
    init(backlog: Int32 = 16, answer: (@Sendable ([UInt8]) -> [UInt8]?)? = nil) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, backlog) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard listens else { throw POSIXError(.EADDRNOTAVAIL) }
        guard let answer else { return }
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.serve(connection, answer) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Connects so often that the system answers no more of them.
    func fill() {
        for _ in 0..<8 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var address = Self.loopback(port: port)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    private static func serve(_ connection: Int32, _ answer: ([UInt8]) -> [UInt8]?) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, let reply = answer(Array(buffer.prefix(count))) else { return }
            guard send(connection, reply, reply.count, Int32(MSG_NOSIGNAL)) == reply.count else { return }
        }
    }
}

/// Messages of the wire protocol, for a ``FakeServer`` to send.
enum WireMessage {
    /// A reply to the old query that a connection begins with.
    static func reply(_ document: [UInt8], to request: [UInt8]) -> [UInt8] {
        message(opcode: 1, to: request, [UInt8](repeating: 0, count: 16) + int32(1) + document)
    }

    /// A reply to a command.
    static func command(_ document: [UInt8], to request: [UInt8]) -> [UInt8] {
        message(opcode: 2013, to: request, int32(0) + [0] + document)
    }

    /// Whether a message is the old query.
    static func isQuery(_ message: [UInt8]) -> Bool {
        message.count > 16 && message[12...15].elementsEqual(int32(2004))
    }

    static func int32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

    private static func message(opcode: Int, to request: [UInt8], _ body: [UInt8]) -> [UInt8] {
        int32(16 + body.count) + int32(1) + request.dropFirst(4).prefix(4) + int32(opcode) + body
    }
}
