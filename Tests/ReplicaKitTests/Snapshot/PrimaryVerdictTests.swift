import ReplicaKit
import Testing

/// Sets in the states that a failover leaves them in.
struct VerdictCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let members: [FakeMember]
    let primary: Int?
    var unconfirmed: Int?
    var stale: [Int] = []

    init(
        _ description: String,
        _ members: [FakeMember],
        primary: Int?,
        unconfirmed: Int? = nil,
        stale: [Int] = []
    ) {
        (self.testDescription, self.members, self.primary) = (description, members, primary)
        (self.unconfirmed, self.stale) = (unconfirmed, stale)
    }

    static func member(_ number: Int, _ state: MemberState, term: Int64, down: Bool = false) -> FakeMember {
        FakeMember(number, state) {
            $0.term = term
            if down { $0.behaviour = .refuses }
        }
    }

    static let all = [
        VerdictCase("a healthy set", FakeMember.healthySet, primary: 0),
        VerdictCase(
            "no primary",
            [member(0, .secondary, term: 2), member(1, .secondary, term: 2), member(2, .secondary, term: 2)],
            primary: nil
        ),
        VerdictCase(
            "one secondary is down",
            [member(0, .primary, term: 2), member(1, .secondary, term: 2), member(2, .secondary, term: 2, down: true)],
            primary: 0
        ),
        VerdictCase(
            "only the primary answers: it may be cut off",
            [
                member(0, .primary, term: 2), member(1, .secondary, term: 2, down: true),
                member(2, .secondary, term: 2, down: true),
            ],
            primary: nil,
            unconfirmed: 0
        ),
        VerdictCase(
            "two claim it: the later term counts",
            [member(0, .primary, term: 5), member(1, .primary, term: 6), member(2, .secondary, term: 6)],
            primary: 1,
            stale: [0]
        ),
        VerdictCase(
            "two claim it and a voter has not heard of the later term yet",
            [member(0, .primary, term: 5), member(1, .primary, term: 6), member(2, .secondary, term: 5)],
            primary: 1,
            stale: [0]
        ),
        VerdictCase(
            "five members, cut in two: the side of three elected another",
            [
                member(0, .primary, term: 5), member(1, .secondary, term: 5), member(2, .primary, term: 6),
                member(3, .secondary, term: 6), member(4, .secondary, term: 6),
            ],
            primary: 2,
            stale: [0]
        ),
        VerdictCase(
            "a stale primary whose successor does not answer",
            [
                member(0, .primary, term: 5), member(1, .primary, term: 6, down: true), member(2, .secondary, term: 6),
                member(3, .secondary, term: 6), member(4, .secondary, term: 6, down: true),
            ],
            primary: nil,
            unconfirmed: 0
        ),
        VerdictCase(
            "a stale primary, and a majority that knows a later term",
            [member(0, .primary, term: 5), member(1, .secondary, term: 6), member(2, .secondary, term: 6)],
            primary: nil,
            stale: [0]
        ),
        VerdictCase(
            "one voter knows a later term, from an election that it lost: the primary stays",
            [member(0, .primary, term: 5), member(1, .secondary, term: 6), member(2, .secondary, term: 5)],
            primary: 0
        ),
        VerdictCase(
            "members without a vote support nobody",
            [member(0, .primary, term: 2), member(1, .secondary, term: 2, down: true)]
                + (2...4).map { number in
                    FakeMember(number) { ($0.votes, $0.priority) = (number == 2 ? 1 : 0, 0) }
                }.map { member in
                    var member = member
                    if member.number == 2 { member.behaviour = .refuses }
                    return member
                },
            primary: nil,
            unconfirmed: 0
        ),
        VerdictCase(
            "one who will not tell its term supports whom it names",
            [
                member(0, .primary, term: 2),
                FakeMember(1) {
                    ($0.behaviour, $0.knownPrimary) = (.refusesLogin, Shapes.address(0))
                },
                member(2, .secondary, term: 2, down: true),
            ],
            primary: 0
        ),
        VerdictCase(
            "one who will not tell its term and names nobody supports nobody",
            [
                member(0, .primary, term: 2), FakeMember(1) { $0.behaviour = .refusesLogin },
                member(2, .secondary, term: 2, down: true),
            ],
            primary: nil,
            unconfirmed: 0
        ),
        VerdictCase("a set of one", [member(0, .primary, term: 1)], primary: 0),
    ]
}

@Suite("Who is the primary")
struct PrimaryVerdictTests {
    @Test("is decided by term and majority", arguments: VerdictCase.all)
    func verdict(_ testCase: VerdictCase) async throws {
        let taken = try await snapshot(of: testCase.members)
        let verdict = taken.primaryVerdict
        #expect(verdict.primary?.address == testCase.primary.map(Shapes.address))
        #expect(verdict.leadingClaim?.address == (testCase.primary ?? testCase.unconfirmed).map(Shapes.address))
        #expect(verdict.staleClaims.map(\.address) == testCase.stale.map(Shapes.address))
        #expect(codeThrown { try taken.requirePrimary() } == (testCase.primary == nil ? .noPrimary : nil))
    }

    @Test("a newly elected primary that still catches up claims nothing")
    func catchingUp() async throws {
        var members = FakeMember.healthySet
        var hello = Shapes.hello(members[0], members: members)
        hello.set(false, for: "isWritablePrimary")
        members[0].replies["hello"] = hello
        let taken = try await snapshot(of: members)
        #expect(taken.primaryVerdict == PrimaryVerdict(outcome: .none))
        #expect(taken.members[0].view?.ownState == .primary)
    }

    @Test("says why there is none")
    func reasons() async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .refuses
        members[2].behaviour = .refuses
        let cut = try await snapshot(of: members)
        let error = try #require(throws: ReplicaKitError.self) { try cut.requirePrimary() }
        #expect(error.message.contains("127.0.0.1:27300 says it is, but only 1 of 3 voters answered"))
        #expect(error.hint == "Start the missing voters: 127.0.0.1:27301, 127.0.0.1:27302.")
    }
}
