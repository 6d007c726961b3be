import AsyncHTTPClient
import NIOCore
import NIOPosix
public import ReplicaKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ReplicaKitError.Code {
    /// The Docker engine could not be reached, or stopped answering.
    public static let engineUnreachable = Self(rawValue: "host.engineUnreachable")
    /// The Docker engine answered with an error, or with what its API does not say.
    public static let engineFailed = Self(rawValue: "host.engineFailed")
    /// The image is not there and cannot be had.
    public static let imageMissing = Self(rawValue: "host.imageMissing")
    /// The network is not as the spec says, or cannot be.
    public static let networkConflict = Self(rawValue: "host.networkConflict")
    /// A container or volume of that name is somebody else's.
    public static let nameTaken = Self(rawValue: "host.nameTaken")
}

/// A stream that has no end of its own came to one.
struct StreamEnded: Error, Sendable {}

/// What an engine answers instead of what was asked for.
struct EngineRefusal: Error, Sendable {
    var status: Int
    var message: String
    var action: String

    /// The refusal as the package's error, where nobody knows better.
    func error(at endpoint: DockerEndpoint) -> ReplicaKitError {
        ReplicaKitError(
            .engineFailed,
            "the Docker engine at \(endpoint) would not \(action) (status \(status)): \(message)",
            hint: "The engine's own log may say more: journalctl -u docker."
        )
    }
}

extension ReplicaKitError {
    /// What went wrong on the way to an engine.
    static func unreachable(_ endpoint: DockerEndpoint, _ action: String, _ error: any Error) -> ReplicaKitError {
        let (text, hint) = words(for: error, endpoint)
        return ReplicaKitError(
            .engineUnreachable,
            "cannot \(action): the Docker engine at \(endpoint) \(text)",
            hint: hint,
            cause: error
        )
    }

    /// What went wrong with the program that should lead to an engine, in its own words.
    static func unreachable(
        _ endpoint: DockerEndpoint,
        _ action: String,
        saying words: String
    ) -> ReplicaKitError {
        ReplicaKitError(
            .engineUnreachable,
            "cannot \(action): the Docker engine at \(endpoint) cannot be reached: \(words)",
            hint:
                "It must work without a question: ssh -o BatchMode=yes HOST docker version. Accept the host's key and "
                + "set up a key first; the docker command must be there."
        )
    }

    private static func words(for error: any Error, _ endpoint: DockerEndpoint) -> (String, hint: String) {
        if let number = errorNumber(of: error) {
            switch number {
            case ENOENT:
                return (
                    "is not there: no such socket",
                    "Start Docker (systemctl start docker), or name the engine: DOCKER_HOST, or endpoint in the spec."
                )
            case ECONNREFUSED:
                return ("refuses connections", "Nothing listens there: start Docker (systemctl start docker).")
            case EACCES:
                return (
                    "may not be used by this user",
                    "Add the user to the group docker (sudo usermod -aG docker USER, then log in again), or use sudo."
                )
            default: break
            }
        }
        if error is StreamEnded {
            return ("ended the stream", "It stopped or restarted: look at its log, then try again.")
        }
        if let error = error as? HTTPClientError {
            switch error {
            case .readTimeout, .deadlineExceeded, .connectTimeout:
                return (
                    "does not answer", "Look at the engine: it hangs, is overloaded, or a firewall drops its traffic."
                )
            case .remoteConnectionClosed:
                return ("closed the connection", "It stopped or restarted: look at its log, then try again.")
            default: break
            }
        }
        // TLS failures are named by BoringSSL, in the text alone.
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return (
                "has a certificate that is not signed by the given CA, is expired, or names another host",
                "Check ca.pem in DOCKER_CERT_PATH, or of the context, and the engine's certificate."
            )
        }
        if text.contains("CERTIFICATE_REQUIRED") || text.contains("HANDSHAKE_FAILURE") || text.contains("UNKNOWN_CA") {
            return (
                "does not accept us: it wants a client certificate of its own CA",
                "Put cert.pem and key.pem into DOCKER_CERT_PATH, or into the context."
            )
        }
        return ("failed: \(error)", "Check the endpoint and its certificates: docker --host … version.")
    }

    private static func errorNumber(of error: any Error) -> CInt? {
        if let error = error as? IOError { return error.errnoCode }
        if let error = error as? NIOConnectionError {
            return error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }.first
        }
        return nil
    }
}
