import Foundation
import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

@Suite struct EncryptedBackupStoreTests {
    private static let chunk = 1 << 20
    private static let header = 56
    private static let key = String(repeating: "0123456789abcdef", count: 4)

    private struct Kept {
        let directory: TemporaryDirectory
        let plain: LocalBackupStore
        let store: EncryptedBackupStore
        func path(_ name: String) -> URL { URL(filePath: directory.path(name)) }
    }

    private func with(key: String = key, _ body: (Kept) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let plain = LocalBackupStore(directory: directory.path)
            let key = try BackupKey(Secret(key))
            try await body(Kept(directory: directory, plain: plain, store: EncryptedBackupStore(plain, key: key)))
        }
    }

    @Test(arguments: [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 77])
    func whatIsWrittenCanBeReadFromAnywhere(_ size: Int) async throws {
        try await with { kept in
            var random = SeededRandom(seed: UInt64(size))
            let content = Bytes.random(size, &random)
            let writer = try await kept.store.write("a/b")
            for piece in Bytes.pieces(of: content, &random) { try await writer.write(piece) }
            try await writer.commit()
            #expect(try await kept.store.content(of: "a/b") == content)
            #expect(try await kept.store.list("") == [StoredObject(name: "a/b", bytes: size)])
            #expect(try await kept.plain.content(of: "a/b").count > size)
            for offset in Set([0, 1, Self.chunk - 1, Self.chunk, Self.chunk + 1, size - 1, size]).filter({
                0...size ~= $0
            }) {
                let reader = try await kept.store.read("a/b", from: offset)
                var rest: [UInt8] = []
                while let piece = try await reader.next() { rest += piece }
                await reader.close()
                #expect(rest == Array(content.dropFirst(offset)), "from \(offset)")
            }
        }
    }

    @Test func everyCutAndEveryFlippedBitIsFound() async throws {
        try await with { kept in
            let content = Array("a small object, of which every byte counts".utf8)
            try await kept.store.put(content, as: "a/b")
            let sealed = try await kept.plain.content(of: "a/b")
            for cut in 0..<sealed.count {
                try await kept.plain.put(Array(sealed[..<cut]), as: "a/b")
                let error = await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/b") }
                #expect(error?.code == .backupDamaged, "cut at \(cut)")
            }
            for bit in 0..<(sealed.count * 8) {
                var damaged = sealed
                damaged[bit / 8] ^= 1 << (bit % 8)
                try await kept.plain.put(damaged, as: "a/b")
                let error = await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/b") }
                // In the header it looks like another key, or like no encryption.
                #expect(error?.code == (bit / 8 < Self.header ? .backupKeyWrong : .backupDamaged), "bit \(bit)")
            }
            try await kept.plain.put(sealed + [0], as: "a/b")
            await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/b") }
        }
    }

    @Test func chunksThatAreMovedRepeatedOrLeftOutAreFound() async throws {
        try await with { kept in
            var random = SeededRandom(seed: 3)
            try await kept.store.put(Bytes.random(3 * Self.chunk, &random), as: "a/b")
            let sealed = try await kept.plain.content(of: "a/b")
            let header = Array(sealed[..<Self.header])
            let chunks = (0..<3).map { number in
                Array(sealed[(Self.header + number * (Self.chunk + 16))...].prefix(Self.chunk + 16))
            }
            for order in [[1, 0, 2], [0, 0, 1, 2], [0, 2], [1, 2], [0, 1], [0], [], [0, 1, 2, 2]] {
                try await kept.plain.put(header + order.flatMap { chunks[$0] }, as: "a/b")
                let error = await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/b") }
                #expect(error?.code == .backupDamaged, "\(order)")
            }
            try await kept.plain.put(header + chunks[0] + chunks[1], as: "a/b")
            let error = await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/b") }
            #expect(error?.message.contains("from byte \(Self.header + Self.chunk + 16) on") == true)
            #expect(error?.message.contains("cut off") == true)
            // The end is checked also of a read that begins there.
            await #expect(throws: ReplicaKitError.self) {
                _ = try await kept.store.read("a/b", from: 2 * Self.chunk).next()
            }
        }
    }

    @Test func anObjectUnderAnotherNameIsFound() async throws {
        try await with { kept in
            try await kept.store.put([1], as: "a/b")
            try await kept.plain.put(try await kept.plain.content(of: "a/b"), as: "a/c")
            let error = await #expect(throws: ReplicaKitError.self) { try await kept.store.content(of: "a/c") }
            #expect(error?.code == .backupDamaged)
        }
    }

    @Test func aWrongKeyAndNoEncryptionAreSaidAtOnce() async throws {
        try await with { kept in
            try await kept.store.put([1], as: "a/b")
            let other = try BackupKey(Secret(String(repeating: "00", count: 31) + "01"))
            let wrong = EncryptedBackupStore(kept.plain, key: other)
            try await kept.plain.put(Array("{\"plain\":1}".utf8), as: "a/plain")
            for (store, name) in [(wrong, "a/b"), (kept.store, "a/plain")] {
                let error = await #expect(throws: ReplicaKitError.self) { _ = try await store.read(name, from: 0) }
                #expect(error?.code == .backupKeyWrong)
            }
        }
    }

    @Test func aPublishedManifestIsEncryptedToo() async throws {
        try await with { kept in
            let manifest = Array("what is in it".utf8)
            try await kept.store.publish("backups/B1", manifest: manifest, named: "manifest.json")
            #expect(try await kept.store.content(of: "backups/B1/manifest.json") == manifest)
            let raw = try Data(contentsOf: kept.path("backups/B1/manifest.json"))
            #expect(raw.range(of: Data(manifest)) == nil)
        }
    }

    @Test func twoObjectsOfOneContentDiffer() async throws {
        try await with { kept in
            try await kept.store.put([1, 2, 3], as: "a/b")
            let first = try await kept.plain.content(of: "a/b")
            try await kept.store.put([1, 2, 3], as: "a/b")
            #expect(Set([first.suffix(19), try await kept.plain.content(of: "a/b").suffix(19)]).count == 2)
        }
    }

    @Test(arguments: [
        "", "abc", String(repeating: "0", count: 63), String(repeating: "0", count: 66),
        String(repeating: "g", count: 64),
        Data(repeating: 1, count: 31).base64EncodedString(),
    ])
    func whatIsNoKeyIsRefusedWithoutShowingIt(_ text: String) {
        let error = #expect(throws: ReplicaKitError.self) { try BackupKey(Secret(text)) }
        #expect(error?.code == .invalidArgument)
        #expect(text.isEmpty || error?.description.contains(text) == false)
    }

    @Test func hexadecimalAndBase64AreOneKey() async throws {
        try await with { kept in
            try await kept.store.put([5], as: "a/b")
            let bytes = Data((0..<32).map { UInt8([0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF][$0 % 8]) })
            let key = try BackupKey(Secret(bytes.base64EncodedString() + "\n"))
            #expect(try await EncryptedBackupStore(kept.plain, key: key).content(of: "a/b") == [5])
            #expect("\(key)" == "<redacted>")
        }
    }

    /// The format as it is documented, read by another implementation.
    @Test func othersCanReadTheFormat() async throws {
        try await with { kept in
            var random = SeededRandom(seed: 9)
            let content = Bytes.text(Self.chunk + 1000, &random)
            try await kept.store.put(content, as: "a/b")
            let script = """
                import base64
                from cryptography.hazmat.primitives.ciphers.aead import AESGCM
                from cryptography.hazmat.primitives.kdf.hkdf import HKDF
                from cryptography.hazmat.primitives.hashes import SHA256
                data = open(input["path"], "rb").read()
                header, body, salt = data[:56], data[56:], data[8:40]
                def derive(purpose, size):
                    return HKDF(SHA256(), size, salt, purpose).derive(bytes.fromhex(input["key"]))
                assert header[:8] == b"RKBKENC1"
                assert header[40:] == derive(b"replicakit backup key check", 16)
                cipher = AESGCM(derive(b"replicakit backup object\\0a/b", 32))
                size, content = (1 << 20) + 16, b""
                chunks = [body[at:at + size] for at in range(0, len(body), size)]
                for number, chunk in enumerate(chunks):
                    last = number == len(chunks) - 1
                    content += cipher.decrypt(number.to_bytes(8, "big") + bytes([0, 0, 0, last]), chunk, header)
                result = base64.b64encode(content).decode()
                """
            let input = ["path": kept.directory.path("a/b"), "key": Self.key]
            let answer = try await Judge.ask(script, input: input, as: String.self)
            #expect(answer == Data(content).base64EncodedString())
        }
    }
}
