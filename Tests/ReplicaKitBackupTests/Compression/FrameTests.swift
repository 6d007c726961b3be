import Foundation
import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

@Suite struct FrameTests {
    static let compressed: [BackupCompression] = [.gzip, .zstd]

    @Test(arguments: BackupCompression.allCases) func whatWasCompressedComesBack(_ compression: BackupCompression)
        throws
    {
        var random = SeededRandom(seed: 1)
        for _ in 0..<40 {
            let contents = (0..<Int.random(in: 1...4, using: &random)).map { _ in Bytes.mixed(&random) }
            let level = Int.random(in: compression.levels, using: &random)
            let compressor = try FrameCompressor(compression, level: level)
            let file = try contents.flatMap { try compressor.compress($0) }
            let pieces = Bytes.pieces(of: file, &random)
            #expect(try FrameFile(compression, pieces).content() == contents.flatMap { $0 })
        }
    }

    @Test(arguments: compressed) func aFullFrameFits(_ compression: BackupCompression) throws {
        var random = SeededRandom(seed: 2)
        let bytes = Bytes.random(BackupCompression.frameBytes, &random)
        let compressor = try FrameCompressor(compression)
        #expect(try FrameFile(compression, [try compressor.compress(bytes)]).content() == bytes)
        #expect(throws: ReplicaKitError.self) { try compressor.compress(bytes + [0]) }
    }

    @Test(arguments: compressed) func aLevelThatIsNoneIsRefused(_ compression: BackupCompression) {
        for level in [compression.levels.lowerBound - 1, compression.levels.upperBound + 1] {
            let error = #expect(throws: ReplicaKitError.self) { try FrameCompressor(compression, level: level) }
            #expect(error?.code == .invalidArgument)
        }
    }

    /// A cut between two frames cannot be seen in the frames: that is what manifests are for.
    @Test(arguments: compressed) func aCutIsFoundAtEveryByte(_ compression: BackupCompression) throws {
        var random = SeededRandom(seed: 3)
        let compressor = try FrameCompressor(compression)
        let contents = (0..<3).map { _ in Bytes.text(400, &random) }
        let frames = try contents.map { try compressor.compress($0) }
        let file = frames.flatMap { $0 }
        for cut in 0..<file.count {
            let read = FrameFile(compression, [Array(file[..<cut])])
            if let whole = (1..<3).first(where: { frames[..<$0].joined().count == cut }) {
                #expect(try read.content() == contents[..<whole].flatMap { $0 })
            } else {
                let error = #expect(throws: ReplicaKitError.self) { try read.content() }
                #expect(error?.code == .backupDamaged)
                #expect(error?.message.contains("damaged at byte \(cut)") == true)
            }
        }
    }

    @Test(arguments: compressed) func aFlippedBitNeverGivesOtherContent(_ compression: BackupCompression) throws {
        var random = SeededRandom(seed: 4)
        let compressor = try FrameCompressor(compression)
        let content = Bytes.text(300, &random)
        let file = try compressor.compress(content) + compressor.compress(content)
        var found = 0
        for bit in 0..<(file.count * 8) {
            var damaged = file
            damaged[bit / 8] ^= 1 << (bit % 8)
            do {
                // The bits of gzip's header that say when and where it was made mean nothing.
                #expect(try FrameFile(compression, [damaged]).content() == content + content, "bit \(bit)")
            } catch let error as ReplicaKitError {
                #expect(error.code == .backupDamaged)
                found += 1
            }
        }
        #expect(found > file.count * 8 * 4 / 5)
    }

    @Test(arguments: compressed) func whatFollowsTheLastFrameIsRefused(_ compression: BackupCompression) throws {
        let file = try FrameCompressor(compression).compress(Array("content".utf8))
        for rest: [UInt8] in [[0], [0xFF, 0xFF, 0xFF, 0xFF], Array("garbage, and much of it".utf8), [0x1F]] {
            #expect(throws: ReplicaKitError.self) { try FrameFile(compression, [file + rest]).content() }
        }
    }

    @Test(arguments: compressed) func aBombComesInPieces(_ compression: BackupCompression) throws {
        let compressor = try FrameCompressor(compression)
        let frame = try compressor.compress([UInt8](repeating: 0, count: BackupCompression.frameBytes))
        let bomb = [[UInt8]](repeating: frame, count: 16).flatMap { $0 }
        let decompressor = try FrameDecompressor(compression, file: "bomb")
        decompressor.push(bomb)
        var total = 0
        while let piece = try decompressor.next() {
            #expect(piece.count <= FrameDecompressor.pieceBytes)
            total += piece.count
        }
        try decompressor.finish()
        #expect(total == 16 * BackupCompression.frameBytes)
    }

    @Test func aFrameThatWantsMuchMemoryIsRefused() throws {
        // Magic, a header that announces a window and no size, a window of 2^(10+exponent), and an empty last block.
        func frame(windowExponent: UInt8) -> [UInt8] {
            [0x28, 0xB5, 0x2F, 0xFD, 0x00, (windowExponent - 10) << 3, 0x01, 0x00, 0x00]
        }
        #expect(try FrameFile(.zstd, [frame(windowExponent: 23)]).content() == [])
        for exponent: UInt8 in [24, 27, 31, 41] {
            #expect(throws: ReplicaKitError.self) {
                try FrameFile(.zstd, [frame(windowExponent: exponent)]).content()
            }
        }
    }

    @Test func othersReadOurGzip() async throws {
        var random = SeededRandom(seed: 5)
        let contents = (0..<3).map { _ in Bytes.mixed(&random) }
        let compressor = try FrameCompressor(.gzip)
        let file = Data(try contents.flatMap { try compressor.compress($0) })
        let script = "import base64, gzip; result = base64.b64encode(gzip.decompress(base64.b64decode(input))).decode()"
        let answer = try await Judge.ask(script, input: file.base64EncodedString(), as: String.self)
        #expect(answer == Data(contents.flatMap { $0 }).base64EncodedString())
    }

    @Test func weReadTheGzipOfOthers() async throws {
        var random = SeededRandom(seed: 6)
        let content = Bytes.mixed(&random)
        let script = """
            import base64, gzip, io
            content = base64.b64decode(input)
            out = io.BytesIO()
            half = len(content) // 2
            with gzip.GzipFile(filename="orders.bson", mode="wb", fileobj=out, mtime=1) as member: member.write(content[:half])
            result = base64.b64encode(out.getvalue() + gzip.compress(content[half:], 9)).decode()
            """
        let text = Data(content).base64EncodedString()
        let answer = try await Judge.ask(script, input: text, as: String.self)
        let file = try #require(Data(base64Encoded: answer))
        #expect(try FrameFile(.gzip, Bytes.pieces(of: Array(file), &random)).content() == content)
    }

    @Test func zstdAndWeReadEachOther() async throws {
        try await TemporaryDirectory.with { directory in
            var random = SeededRandom(seed: 7)
            let contents = (0..<3).map { _ in Bytes.mixed(&random) }
            let compressor = try FrameCompressor(.zstd)
            let content = contents.flatMap { $0 }
            try Data(try contents.flatMap { try compressor.compress($0) })
                .write(to: URL(filePath: directory.path("ours.zst")))
            try await Command.run(["zstd", "-q", "-d", "ours.zst"], in: directory.path)
            #expect(try Data(contentsOf: URL(filePath: directory.path("ours"))) == Data(content))
            try await Command.run(["zstd", "-q", "-19", "ours", "-o", "theirs.zst"], in: directory.path)
            let theirs = Array(try Data(contentsOf: URL(filePath: directory.path("theirs.zst"))))
            #expect(try FrameFile(.zstd, Bytes.pieces(of: theirs, &random)).content() == content)
        }
    }
}

/// A compressed file, in pieces.
struct FrameFile {
    let compression: BackupCompression
    let pieces: [[UInt8]]

    init(_ compression: BackupCompression, _ pieces: [[UInt8]]) {
        self.compression = compression
        self.pieces = pieces
    }

    func content() throws -> [UInt8] {
        let decompressor = try FrameDecompressor(compression, file: "a file")
        var content: [UInt8] = []
        for piece in pieces {
            decompressor.push(piece)
            while let bytes = try decompressor.next() { content += bytes }
        }
        try decompressor.finish()
        return content
    }
}
