import Foundation
import ReplicaKit

/// A spec and the file it came from.
struct SpecFile {
    /// The file as the user named it.
    let path: String
    /// Its text.
    let text: String
    /// What the spec says.
    let spec: ReplicaSetSpec

    /// No spec is larger: what is must be another file.
    private static let maximumSize = 1 << 20

    /// Reads and validates the file.
    init(loading path: String) throws(ReplicaKitError) {
        self.path = path
        text = try Self.text(of: path)
        spec = try SpecReader(file: path).read(text)
    }

    private init(path: String, text: String, spec: ReplicaSetSpec) {
        (self.path, self.text, self.spec) = (path, text, spec)
    }

    /// The file as it would be after a change of the members; ``write()`` makes it so.
    func applying(_ change: SpecEditor.Change) throws(ReplicaKitError) -> SpecFile {
        let (text, spec) = try SpecEditor(file: path, text: text).applying(change)
        return SpecFile(path: path, text: text, spec: spec)
    }

    /// Writes the text, whole or not at all, with the permissions that the file has.
    func write() throws(ReplicaKitError) {
        do {
            // A link stays a link.
            let url = URL(filePath: path).resolvingSymlinksInPath()
            let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions]
            try Data(text.utf8).write(to: url, options: .atomic)
            if let mode { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path) }
        } catch {
            throw ReplicaKitError(.fileUnwritable, "cannot write \(path): \(error.localizedDescription)", cause: error)
        }
    }

    /// The absolute path of the directory that the spec's relative paths start at.
    var baseDirectory: String { NewFile.directory(of: path) }

    private static func text(of path: String) throws(ReplicaKitError) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ReplicaKitError(
                .fileUnreadable,
                "there is no spec at \(path)",
                hint: "Run `rkctl spec init` to write one, or name another with --set FILE or RKCTL_SET."
            )
        }
        if isDirectory.boolValue {
            throw ReplicaKitError(.fileUnreadable, "\(path) is a directory", hint: "Name the spec's file in it.")
        }
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            data = try file.read(upToCount: maximumSize + 1) ?? Data()
        } catch {
            throw ReplicaKitError(.fileUnreadable, "cannot read \(path): \(error.localizedDescription)", cause: error)
        }
        guard data.count <= maximumSize else {
            throw ReplicaKitError(.invalidSpec, "\(path) is larger than 1 MiB: that is no spec")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ReplicaKitError(
                .invalidSpec,
                "\(path):\(lineOfInvalidByte(data)): the line is not UTF-8 text",
                hint: "Save the file as UTF-8."
            )
        }
        return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    /// A line end is never part of a longer sequence, so lines can be judged one by one.
    private static func lineOfInvalidByte(_ data: Data) -> Int {
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return 1 + (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0)
    }
}
