import Foundation

@testable import ReplicaKit

/// The public BSON corpus, which is fetched and not part of this repository.
enum BSONCorpus {
    /// One of the corpus's files: the cases of one BSON type.
    struct File {
        var name: String
        var bsonType: String
        var valid: [Case]
        var decodeErrors: [Case]
        var parseErrors: [Case]
    }

    /// One case: its fields by name.
    struct Case {
        var json: JSONValue

        var description: String { self["description"] ?? "?" }
        var isLossy: Bool { json["lossy"] == true }

        subscript(key: String) -> String? {
            guard case .string(let text)? = json[key] else { return nil }
            return text
        }

        func bytes(_ key: String) -> [UInt8]? {
            self[key].flatMap { Hexadecimal.bytes(of: $0.utf8) }
        }
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    static var directory: URL {
        if let path = ProcessInfo.processInfo.environment["RK_BSON_CORPUS"] {
            return URL(filePath: path, directoryHint: .isDirectory)
        }
        // Tests/ReplicaKitTests/BSON/<this file>, seen from the package's root.
        return (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
            .appending(path: ".tools/bson-corpus", directoryHint: .isDirectory)
    }

    static func load() throws -> [File] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        guard !files.isEmpty else {
            throw Missing(
                description: "There is no BSON corpus in \(directory.path()). Fetch it there, or set RK_BSON_CORPUS."
            )
        }
        return try files.map { name in
            let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
            let json = try JSONValue(parsing: text)
            func cases(_ key: String) -> [Case] {
                guard case .array(let cases)? = json[key] else { return [] }
                return cases.map { Case(json: $0) }
            }
            return File(
                name: name,
                bsonType: Case(json: json)["bson_type"] ?? "",
                valid: cases("valid"),
                decodeErrors: cases("decodeErrors"),
                parseErrors: cases("parseErrors")
            )
        }
    }
}
