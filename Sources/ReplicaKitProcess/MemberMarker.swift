import FoundationEssentials
import ReplicaKit

/// The file in a member's directory that says whose it is.
///
/// It is written first, so that a directory in which creation was cut short can be told from somebody else's.
struct MemberMarker: Sendable, Hashable, Codable {
    var format: Int
    var set: String
    var member: String
    /// Where the member listened when the directory was made; for people.
    var host: String
    /// The version of the server that ran on the data last.
    var server: String?

    init(set: ReplicaSetName, member: MemberSpec) {
        (format, self.set, self.member) = (1, set.rawValue, member.name.rawValue)
        host = member.host.description
    }

    /// The file's content.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// What a directory's marker says of it.
    enum Finding: Sendable, Hashable {
        /// There is no marker.
        case missing
        /// The directory is this set's and member's; here is its marker.
        case ours(MemberMarker)
        /// It is another's; the text says whose.
        case foreign(String)
    }

    /// Reads a marker and compares it. The host may differ: a spec may move a member to another port.
    func compare(withFile path: String) throws -> Finding {
        guard let status = FileStatus(of: path) else { return .missing }
        guard status.kind == .file else { return .foreign("a member.json that is not a file") }
        let bytes = try readSmallFileBytes(path, limit: 65536)
        guard let found = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
            return .foreign("a member.json that ReplicaKit did not write")
        }
        guard found.set == set else { return .foreign("member \"\(found.member)\" of the set \"\(found.set)\"") }
        guard found.member == member else { return .foreign("member \"\(found.member)\" of this set") }
        guard found.format == format else { return .foreign("a later version of ReplicaKit") }
        return .ours(found)
    }
}
