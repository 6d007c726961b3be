import Foundation
import Hummingbird
import ReplicaKit

/// Decides which requests are answered at all, before anything else looks at them.
struct Gate: Sendable {
    /// What clients must show; `nil` asks for nothing.
    let token: Secret?
    /// The paths that everybody may ask for.
    let openPaths: Set<String>

    /// The answer to a request that is not let in; `nil` lets it in.
    func refusal(of request: Request) -> Response? {
        // Nothing here reads a body: one is refused before it is sent, and the connection with it.
        let length = request.headers[.contentLength].flatMap(Int.init) ?? 0
        guard length == 0, request.headers[.transferEncoding] == nil else {
            return Response(status: .contentTooLarge, headers: [.connection: "close"])
        }
        guard let token, !openPaths.contains(request.uri.path) else { return nil }
        if let shown = Self.token(in: request.headers[.authorization]), Self.isSame(shown, token) { return nil }
        var response = Response(status: .unauthorized, text: "the token is missing or wrong\n")
        // Both ways in: a browser takes the first and asks for it, programs send the second unasked.
        response.headers[values: .wwwAuthenticate] = [
            #"Basic realm="ReplicaKit", charset="UTF-8""#, #"Bearer realm="ReplicaKit""#,
        ]
        return response
    }

    /// The token as a client shows it: a bearer token, or the password of any name.
    static func token(in header: String?) -> [UInt8]? {
        guard let header, let space = header.firstIndex(of: " ") else { return nil }
        let value = header[header.index(after: space)...].drop { $0 == " " }
        switch header[..<space].lowercased() {
        case "bearer": return Array(value.utf8)
        case "basic":
            guard let pair = Data(base64Encoded: String(value)).map(Array.init),
                let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { return nil }
            return Array(pair[(colon + 1)...])
        default: return nil
        }
    }

    /// Compares all bytes, whichever differ: the time it takes tells nothing of the token but its length.
    static func isSame(_ shown: [UInt8], _ token: Secret) -> Bool {
        let expected = Array(token.reveal().utf8)
        guard shown.count == expected.count else { return false }
        return zip(shown, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
