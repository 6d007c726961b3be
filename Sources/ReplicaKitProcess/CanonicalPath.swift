import Glibc

/// The path without symbolic links, `.` and `..`; its end need not exist yet.
func canonicalPath(_ path: String) -> String {
    if let resolved = resolvedPath(path) { return resolved }
    guard let slash = path.lastIndex(of: "/") else { return path }
    let last = path[path.index(after: slash)...]
    let parent = canonicalPath(slash == path.startIndex ? "/" : String(path[..<slash]))
    switch last {
    case "", ".": return parent
    case "..":
        guard let above = parent.lastIndex(of: "/"), above != parent.startIndex else { return "/" }
        return String(parent[..<above])
    default:
        let candidate = parent == "/" ? "/" + last : parent + "/" + last
        return resolvedPath(candidate) ?? candidate
    }
}

/// What exists at a path, without symbolic links on the way.
private func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
