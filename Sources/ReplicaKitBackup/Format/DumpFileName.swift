import Crypto
import ReplicaKit

/// The name of a collection's files in a dump, as `mongodump` gives them.
///
/// A collection's name can hold what a file's cannot, or be longer than one. It is escaped as in the query of a URL, and
/// what is then longer than 238 bytes is cut, and told apart by a hash; the metadata file has the true name.
enum DumpFileName {
    static let longest = 238
    static let kept = 208

    /// The name without its extension.
    static func stem(of collection: String) -> String {
        var escaped: [UInt8] = []
        for byte in collection.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"), UInt8(ascii: "$"):
                escaped.append(byte)
            case UInt8(ascii: " "): escaped.append(UInt8(ascii: "+"))
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        if escaped.count <= longest { return String(decoding: escaped, as: UTF8.self) }
        // In the alphabet for URLs, without padding; SHA-1 is what the tools chose, and nothing is secured by it.
        let hash = Base64.text(of: Array(Insecure.SHA1.hash(data: Array(collection.utf8))))
            .filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        return String(decoding: escaped.prefix(kept), as: UTF8.self) + "%24" + hash
    }
}
