import ReplicaKitBackup
import Testing

@Suite struct CompressionNameTests {
    @Test func suffixesAreThoseOfTheFormats() {
        #expect(BackupCompression.allCases.map(\.suffix) == ["", ".gz", ".zst"])
    }
}
