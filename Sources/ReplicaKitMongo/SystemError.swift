#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's error numbers that the driver tells apart.
enum SystemError {
    case refused
    case missing
    case timedOut
    case other

    init(_ number: Int) {
        switch Int32(truncatingIfNeeded: number) {
        case ECONNREFUSED: self = .refused
        case ENOENT: self = .missing
        case ETIMEDOUT: self = .timedOut
        default: self = .other
        }
    }
}
