import Foundation
import RekeyCore
import Testing

/// Suite E: dnceng's thresholds, texts and order.
enum ThresholdRows {
    static let all = thresholds + texts + order

    private static let tokens = "GitHubAccessTokenTests.cs"

    private static let thresholds =
        [(30.0, 20.0), (15, 10), (9, 6), (7, 4)].map { life, day in
            BorrowedRow(
                "E1 \(Int(life)) d",
                .dnceng(tokens, "one third of the life remains"),
                "a life of \(Int(life)) days → rotates on day \(Int(day))",
                check: { rotates(onDay: day, ofLife: life) }
            )
        }

    private static func rotates(onDay day: Double, ofLife life: Double) {
        let began = Date(timeIntervalSince1970: 1_591_012_800)
        var layer = PolicyLayer()
        layer.lifetimeSeconds = life * 86_400
        let policy = ResolvedPolicy(layers: [(.defaults, layer)]).rotation
        let due = DueDate.next(policy, ends: nil, lastRotatedAt: began)
        #expect(due == began + day * 86_400)
    }

    /// What they read as days, whether they take it, and the same with our unit.
    private static let texts = [
        text("7", isTaken: true), text("20", isTaken: true), text("30", isTaken: true),
        text("6", isTaken: false, why: short), text("1", isTaken: false, why: short),
        text("31", isTaken: false, why: long), text("90", isTaken: false, why: long),
        text("0", isTaken: false), text("-5", isTaken: false), text("abc", isTaken: false),
        text("", isTaken: false), text("30.5", isTaken: false),
    ]

    private static let short = "seven days are the least of GitHub's, not of every target's"
    private static let long = "thirty days are the most of GitHub's, not of every target's"
    private static let unit = "a duration names its unit, so the bare number is refused"

    private static func text(
        _ text: String,
        isTaken: Bool,
        why: String? = nil
    ) -> BorrowedRow {
        let difference = isTaken ? unit : why
        let isTakenHere = isTaken || why != nil
        return BorrowedRow(
            "E2 \"\(text)\"",
            .dnceng(tokens, "the life's text"),
            "a life of \"\(text)\" → \(isTaken ? "taken" : "refused")",
            difference.map { .differs($0) } ?? .same,
            check: {
                let bare = SuiteConfiguration.mistakes(policy: "lifetime: \"\(text)\"")
                #expect(bare.count == 1)
                #expect(bare.first?.contains(".policy.lifetime: expected") == true)
                let withUnit = SuiteConfiguration.mistakes(policy: "lifetime: \"\(text)d\"")
                #expect(withUnit.isEmpty == isTakenHere)
            }
        )
    }

    private static let command = "SynchronizeCommandTests.cs"

    private static let order: [BorrowedRow] = [
        BorrowedRow(
            "E3 expired",
            .dnceng(command, "an expired secret"),
            "it rotates",
            check: { try await OrderCases.rotates(endingIn: -60) }
        ),
        BorrowedRow(
            "E3 due",
            .dnceng(command, "a secret to be rotated"),
            "it rotates",
            check: { try await OrderCases.rotates(endingIn: 29 * 86_400) }
        ),
        BorrowedRow(
            "E3 valid",
            .dnceng(command, "a valid secret"),
            "it does not rotate",
            check: OrderCases.leavesWhatIsValid
        ),
        BorrowedRow(
            "E3 composite",
            .dnceng(command, "a secret of several parts"),
            "all parts rotate",
            .nearest("the parts are the carriers of one credential"),
            check: OrderCases.rotatesEveryCarrier
        ),
        BorrowedRow(
            "E3 children",
            .dnceng(command, "an expired secret with others made of it"),
            "the children rotate in order",
            .nearest("what is made of a credential is a carrier of it, written in order"),
            check: OrderCases.writesCarriersInOrder
        ),
        BorrowedRow(
            "E3 grandchild",
            .dnceng(command, "an expired child with others made of it"),
            "the grandchild rotates",
            .nearest("the earliest end of a carrier rotates the credential, and all carriers"),
            check: OrderCases.rotatesByTheEarliestEnd
        ),
        BorrowedRow(
            "E3 reference",
            .dnceng(command, "an unknown reference"),
            "it throws",
            check: OrderCases.refusesAnUnknownVault
        ),
    ]
}
