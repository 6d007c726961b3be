internal import Crypto
internal import Foundation
public import ReplicaKit

/// The key that backups are encrypted with: 32 random bytes.
///
/// It prints as `<redacted>`. Whoever loses it has lost the backups: keep a copy away from them.
public struct BackupKey: Sendable {
    let key: SymmetricKey

    private static let size = 32

    /// Reads a key as it stands in a key file: 64 hexadecimal digits, or 44 characters of base64.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidArgument``, without the text.
    public init(_ secret: Secret) throws(ReplicaKitError) {
        let text = secret.reveal().filter { !$0.isWhitespace }
        guard let bytes = Self.hexadecimal(text) ?? Data(base64Encoded: text), bytes.count == Self.size else {
            throw ReplicaKitError(
                .invalidArgument,
                "the key of the backups is not \(Self.size) bytes in hexadecimal or base64",
                hint: "Make one with: (umask 077 && openssl rand -hex \(Self.size) > FILE)"
            )
        }
        key = SymmetricKey(data: bytes)
    }

    private static func hexadecimal(_ text: String) -> Data? {
        guard text.utf8.count == 2 * size, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        let digits = text.compactMap(\.hexDigitValue)
        return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}

extension BackupKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// No children: `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
