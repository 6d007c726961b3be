import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

@Suite("Reading a log")
struct LogReaderTests {
    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func append(_ text: String, to path: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private func lines(_ path: String, _ count: Int) async throws -> [String] {
        let reader = LogReader(path: path, lastLines: count, follow: false, clock: ContinuousClock())
        var lines: [String] = []
        while let line = try await reader.next() { lines.append(line) }
        return lines
    }

    @Test("gives the last lines, with and without a last line end")
    func lastLines() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("log")
            for (text, all) in [
                ("a\nb\nc\n", ["a", "b", "c"]), ("a\nb\nc", ["a", "b", "c"]), ("", []), ("\n", [""]),
                ("a\n\n\n", ["a", "", ""]), ("one", ["one"]),
            ] {
                try write(text, to: path)
                for count in 0...4 { #expect(try await lines(path, count) == all.suffix(count), "\(text) \(count)") }
                #expect(try await lines(path, .max) == all)
            }
            #expect(try await lines(directory.path("missing"), 10) == [])
        }
    }

    @Test("finds lines wherever block borders fall")
    func blocks() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("log")
            let all = (0..<40000).map { "line \($0) " + String(repeating: "x", count: $0 % 37) }
            try write(all.joined(separator: "\n") + "\n", to: path)
            for count in [1, 2, 1000, 3000, 39999, 40000, 50000] {
                #expect(try await lines(path, count) == all.suffix(count))
            }
        }
    }

    @Test("reads the end of a huge file without reading the file")
    func huge() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("log")
            try write("", to: path)
            // Sparse: a reader of the whole would see 8 GiB.
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.truncate(atOffset: 8 << 30)
            try file.close()
            try append("\nlast but one\nlast\n", to: path)
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try await lines(path, 2) == ["last but one", "last"])
            #expect(start.duration(to: clock.now) < .seconds(2))
            #expect(try LogTail.text(of: path, bytes: 4) == "")
            #expect(try LogTail.text(of: path, bytes: 8) == "last\n")
        }
    }

    @Test("hands a line without end out in parts")
    func endlessLine() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("log")
            try write(String(repeating: "x", count: 5 << 20), to: path)
            let parts = try await lines(path, 1)
            #expect(parts.count > 1)
            #expect(parts.allSatisfy { $0.utf8.count <= 1 << 21 })
            #expect(parts.joined().count == 5 << 20)
        }
    }

    @Test("follows growth, a rotation and a truncation, and ends when it is cancelled")
    func following() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("log")
            let reader = LogReader(path: path, lastLines: 10, follow: true, clock: ContinuousClock())
            let (seen, report) = AsyncStream.makeStream(of: String.self)
            let task = Task {
                while let line = try await reader.next() { report.yield(line) }
                report.finish()
            }
            var iterator = seen.makeAsyncIterator()
            try write("first\n", to: path)
            #expect(await iterator.next() == "first")
            try append("sec", to: path)
            try append("ond\n", to: path)
            #expect(await iterator.next() == "second")
            try append("unfinished", to: path)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
            try write("third\n", to: path)
            #expect(await iterator.next() == "unfinished")
            #expect(await iterator.next() == "third")
            try write("x\n", to: path + ".new")
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: Data("4\n".utf8))
            try file.close()
            #expect(await iterator.next() == "4")
            task.cancel()
            #expect(await iterator.next() == nil)
            _ = try await task.value
        }
    }
}
