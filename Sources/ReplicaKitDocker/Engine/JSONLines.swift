import AsyncHTTPClient
import Foundation
import NIOCore

/// The values of an answer that is one JSON document a line, as they come.
actor JSONLines<Value: Decodable & Sendable> {
    private var body: HTTPClientResponse.Body.AsyncIterator
    private var buffer: [UInt8] = []

    init(_ body: HTTPClientResponse.Body) { self.body = body.makeAsyncIterator() }

    /// The next value; `nil` at the end. A line that is something else says nothing.
    func next() async throws -> Value? {
        while true {
            while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(buffer[..<end])
                buffer.removeFirst(end + 1)
                if let value = try? JSONDecoder().decode(Value.self, from: line) { return value }
            }
            // No line is that long: what goes on without an end is dropped rather than kept.
            if buffer.count > 1 << 20 { buffer = [] }
            var iterator = body
            guard let chunk = try await iterator.next(isolation: self) else { return nil }
            body = iterator
            buffer += chunk.readableBytesView
        }
    }
}
