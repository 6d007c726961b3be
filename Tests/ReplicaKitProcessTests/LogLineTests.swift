import Testing

@testable import ReplicaKit
@testable import ReplicaKitProcess

@Suite("What a log says")
struct LogLineTests {
    static let starting =
        #"{"t":{"$date":"2026-11-23T08:37:59.419+00:00"},"s":"I",  "c":"CONTROL",  "id":4615611, "ctx":"initandlisten","msg":"MongoDB starting","attr":{"pid":28022}}"#
    static let listening =
        #"{"t":{"$date":"2026-11-23T08:37:59.419+00:00"},"s":"I",  "c":"NETWORK",  "id":23016, "ctx":"listener","msg":"Waiting for connections"}"#
    static let advice =
        #"{"t":{"$date":"x"},"s":"W",  "c":"CONTROL",  "id":22138,   "ctx":"initandlisten","msg":"You are running this process as the root user","tags":["startupWarnings"]}"#
    static let fatal =
        #"{"t":{"$date":"x"},"s":"F",  "c":"ASSERT",   "id":23092,   "ctx":"initandlisten","msg":"\n\n***aborting after fassert() failure\n\n"}"#
    static let signal =
        #"{"t":{"$date":"x"},"s":"F",  "c":"CONTROL",  "id":6384300, "ctx":"initandlisten","msg":"Writing fatal message","attr":{"message":"Got signal: 6 (Aborted).\n"}}"#
    static let frame =
        #"{"t":{"$date":"x"},"s":"I",  "c":"CONTROL",  "id":31445,   "ctx":"initandlisten","msg":"Frame","attr":{"frame":{"a":"55"}}}"#

    static func shuttingDown(_ code: Int) -> String {
        #"{"t":{"$date":"x"},"s":"I",  "c":"CONTROL",  "id":23138,   "ctx":"SignalHandler","msg":"Shutting down","attr":{"exitCode":\#(code)}}"#
    }

    @Test("reduces a line to severity, component, message and attributes")
    func reduced() throws {
        let line = try #require(
            MongodLogLine(
                #"{"t":{"$date":"x"},"s":"E","c":"CONTROL","id":20568,"ctx":"i","msg":"Error setting up listener","attr":{"error":{"codeName":"SocketException","code":9001,"list":[1,true,null,2.5]}}}"#
            )
        )
        #expect(
            line.reduced
                == #"E CONTROL: Error setting up listener {error: {code: 9001, codeName: "SocketException", list: [1, true, null, 2.5]}}"#
        )
        #expect(
            MongodLogLine("  error while loading shared libraries")?.reduced == "  error while loading shared libraries"
        )
        #expect(MongodLogLine("") == nil)
        #expect(MongodLogLine(Self.fatal)?.reduced == "F ASSERT: ***aborting after fassert() failure")
        let long = try #require(MongodLogLine(String(repeating: "x", count: 5000)))
        #expect(long.reduced.count == 400)
    }

    @Test("keeps what tells of trouble, once each, and else the last lines")
    func summary() {
        let log = [Self.starting, Self.advice, Self.fatal, Self.listening, Self.fatal].joined(separator: "\n")
        #expect(MongodLogLine.summary(of: log) == ["F ASSERT: ***aborting after fassert() failure"])
        #expect(
            MongodLogLine.summary(of: Self.starting + "\n" + Self.listening, limit: 1) == [
                "I NETWORK: Waiting for connections"
            ]
        )
        #expect(MongodLogLine.summary(of: "") == [])
    }

    @Test(
        "hears the last words of the last run",
        arguments: [
            ([], LastWords.none), ([starting, listening], .brokenOff), ([listening], .brokenOff),
            ([starting, listening, shuttingDown(0)], .exit(0)), ([starting, shuttingDown(48)], .exit(48)),
            ([starting, shuttingDown(0), starting, listening], .brokenOff),
            ([starting, fatal], .exit(14)), ([fatal, frame], .exit(14)),
            ([starting, signal, frame, frame], .signal(6)),
            ([starting, fatal, signal, frame], .signal(6)), ([starting, shuttingDown(0), "half a li"], .exit(0)),
            ([starting, signal, starting, shuttingDown(0)], .exit(0)),
        ] as [([String], LastWords)]
    )
    func lastWords(lines: [String], expected: LastWords) {
        #expect(LastWords(logTail: lines.joined(separator: "\n")) == expected)
    }

    @Test(
        "concludes how the run ended from lock file and last words",
        arguments: [
            (nil, LastWords.none, MemberExit.unseen), (0, .none, .clean), (6, .none, .signal(9)),
            (0, .exit(0), .clean), (6, .exit(0), .signal(9)), (nil, .exit(0), .unseen),
            (0, .exit(48), .code(48)), (6, .exit(14), .code(14)), (nil, .exit(1), .code(1)),
            (6, .brokenOff, .signal(9)), (0, .brokenOff, .signal(9)), (6, .signal(6), .signal(6)),
        ] as [(Int?, LastWords, MemberExit)]
    )
    func exits(lockFileSize: Int?, words: LastWords, expected: MemberExit) {
        #expect(MemberExit(lockFileSize: lockFileSize, lastWords: words) == expected)
    }
}
