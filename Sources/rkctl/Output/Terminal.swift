import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One of the process's standard streams.
struct Terminal: Sendable {
    /// What a person types.
    static let input = Terminal(descriptor: STDIN_FILENO)
    /// What a person sees as the result.
    static let output = Terminal(descriptor: STDOUT_FILENO)
    /// What a person sees of the way to it.
    static let error = Terminal(descriptor: STDERR_FILENO)

    /// The file descriptor.
    let descriptor: CInt

    /// Whether a person looks at it.
    var isInteractive: Bool { isatty(descriptor) == 1 }

    /// Whether it shows colours: on a terminal, unless the user does not want them (https://no-color.org).
    func showsColour(_ wanted: Bool) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return wanted && isInteractive && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// How many columns and rows it has; `nil` where it is no terminal.
    var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Replaces what stands in the cursor's line.
    func redraw(_ line: String) { write("\r\u{1B}[2K\(line)") }

    /// Writes text as it is. What can no longer be written is dropped: there is nobody left to tell.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { posixWrite(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}

private let posixWrite = write
