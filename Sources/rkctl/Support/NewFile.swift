import Foundation
import ReplicaKit

/// A file that a command writes, and does not overwrite unless it was told to.
enum NewFile {
    /// Refuses where there is such a file, before anything else is done.
    static func refuse(ifPresent path: String) throws(ReplicaKitError) {
        guard !FileManager.default.fileExists(atPath: path) else { throw present(path) }
    }

    /// Writes the file.
    static func write(_ text: String, to path: String, replacing: Bool) throws(ReplicaKitError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: replacing ? .atomic : .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw present(path)
        } catch {
            throw ReplicaKitError(.fileUnwritable, "cannot write \(path): \(error.localizedDescription)", cause: error)
        }
    }

    /// The absolute path of the directory of a file.
    static func directory(of path: String) -> String {
        let directory = (path as NSString).deletingLastPathComponent
        return URL(filePath: directory.isEmpty ? "." : directory, directoryHint: .isDirectory).standardizedFileURL.path
    }

    private static func present(_ path: String) -> ReplicaKitError {
        ReplicaKitError(
            .refused,
            "\(path) exists already",
            hint: "Name another file with --output, or overwrite it with --force."
        )
    }
}
