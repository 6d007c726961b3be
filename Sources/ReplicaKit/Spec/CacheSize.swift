/// How much WiredTiger cache a member gets on a machine that it shares with the rest of its set.
public enum CacheSize {
    /// The least that WiredTiger takes, in GiB.
    public static let floor = 0.25

    /// The cache of one member, in GiB.
    ///
    /// `mongod` by itself takes half of what is above 1 GiB, as if it were alone: three members would take one and
    /// a half machines. Here that half is divided among the members, rounded down to 0.05 GiB, and never below
    /// 0.25 GiB:
    ///
    ///     ((memory − 1 GiB) / 2) / members
    ///
    /// - Parameters:
    ///   - memory: The machine's memory, or what the process's control group may use, in bytes.
    ///   - members: How many members the spec runs on the machine.
    public static func gigabytes(memory: UInt64, members: Int) -> Double {
        let available = Double(memory) / 1_073_741_824 - 1
        let share = available / 2 / Double(max(1, members))
        // In whole twentieths, computed as integers, so that the text of the number is short.
        let twentieths = (share * 20 + 1e-9).rounded(.down)
        return max(floor, twentieths / 20)
    }
}
