import Foundation

extension TemporaryDirectory {
    /// Writes a shell script into the directory.
    public func writeScript(_ name: String, _ body: String, executable: Bool = true) throws {
        // Never written in place: a script that runs could not be replaced, nor seen to be another.
        let temporary = path(name + ".tmp")
        try Data("#!/bin/sh\n\(body)\n".utf8).write(to: URL(filePath: temporary))
        try FileManager.default.setAttributes(
            [.posixPermissions: executable ? 0o755 : 0o644],
            ofItemAtPath: temporary
        )
        guard rename(temporary, path(name)) == 0 else { throw TestFailure("cannot write \(path(name))") }
    }

    /// The text of a file in the directory.
    public func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    }
}
