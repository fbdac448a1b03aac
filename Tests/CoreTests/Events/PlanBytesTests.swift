import Foundation
import RekeyCore
import Testing

/// What is written by hand at every admission has to be what `JSONEncoder` writes, byte for byte.
@Suite struct PlanBytesTests {
    private static let date = Date(timeIntervalSinceReferenceDate: 800_000_000.125)

    private static let formats: [ValueFormat] =
        [
            .bare, .ado, .jdbc, .url, .redis, .json(secret: "/a~1b", account: "/user"),
            .json(secret: "/a", account: nil), .jsonList("/values"),
        ] + ListSeparator.allCases.map { .list(separator: $0) }

    private static let generators: [GeneratorPolicy] = [
        .password(length: 20), .password(length: 12, classes: Set(CharacterClass.allCases)),
        .hex(byteCount: 24), .uuid, .base64url(byteCount: 33),
    ]

    /// A plan with every member.
    private static func full(_ strategy: Strategy, _ generator: GeneratorPolicy) -> RotationPlan {
        var policy = RotationPolicy()
        policy.needsApproval = true
        policy.firstBackoffSeconds = 0.1
        policy.generator = generator
        var plan = RotationPlan(
            credential: "quote \" and żółć",
            strategy: strategy,
            target: "a/target",
            staging: SecretReference(vault: "vault", name: "staging"),
            carriers: formats.enumerated().map { index, format in
                PlannedCarrier(
                    SecretReference(vault: "vault", name: SecretName("carrier-\(index)")),
                    format: format,
                    audience: Audience.allCases[index % Audience.allCases.count],
                    base: index.isMultiple(of: 2) ? VersionID("v\(index)") : nil
                )
            },
            workloads: EvidenceLevel.allCases.enumerated().map { index, level in
                PlannedWorkload(
                    WorkloadName("workload-\(index)"),
                    deliveredBy: index.isMultiple(of: 2) ? .vault : .hook,
                    needs: level,
                    audience: .callers,
                    wave: index,
                    sessions: [
                        nil, SessionOrigin(applicationName: "app", addresses: ["10.1.0.0/16"]),
                        SessionOrigin(),
                    ][index % 3]
                )
            },
            hooks: [
                PlannedHook("one", kind: "site", deadlineSeconds: 90.5),
                PlannedHook("two", kind: "automation", isRequired: false),
            ],
            previousAccount: "role_a",
            candidateAccount: "role_b",
            previousEnd: date,
            sequence: 7,
            inheritedDebts: ["old", "older"],
            overwrittenDebts: ["role_b"],
            policy: policy
        )
        plan.recentProbes = [date, date + 1]
        return plan
    }

    private static let plans: [RotationPlan] =
        zip(Strategy.allCases, generators).map { full($0, $1) } + [
            RotationPlan(
                credential: "bare",
                strategy: .valueOnly,
                target: nil,
                staging: SecretReference(vault: "v", name: "s"),
                carriers: [],
                sequence: 0
            )
        ]

    private func reference(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .deferredToDate
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func `the sample sets every member of a plan`() {
        for member in Mirror(reflecting: Self.plans[0]).children {
            let value = Mirror(reflecting: member.value)
            #expect(value.displayStyle != .optional || value.children.count == 1, "\(member)")
        }
    }

    @Test(arguments: plans)
    func `an accepted plan has JSONEncoder's bytes`(plan: RotationPlan) throws {
        let event = RotationEvent.accepted(
            plan,
            reason: .routine,
            by: "a \"person\"",
            at: Self.date
        )
        let bytes = try #require(event.usualJSON)
        #expect(String(decoding: bytes, as: UTF8.self) == (try reference(event)))
    }

    @Test func `a compromise, and a number that JSON has not, are left to JSONEncoder`() {
        func usual(_ plan: RotationPlan, _ reason: RotationReason) -> Data? {
            RotationEvent.accepted(plan, reason: reason, by: "x", at: Self.date).usualJSON
        }
        var plan = Self.plans[0]
        #expect(usual(plan, .compromise(versions: ["v"], revokeBy: nil)) == nil)
        plan.policy.lifetimeSeconds = .infinity
        #expect(usual(plan, .routine) == nil)
    }

    @Test(arguments: [TargetName("t"), nil], [true, false])
    func `a debt has JSONEncoder's bytes`(target: TargetName?, isPaid: Bool) throws {
        let debt = Debt(
            credential: "c",
            target: target,
            account: "a/b",
            rotation: "r",
            since: Self.date,
            isPaid: isPaid
        )
        let bytes = try #require(debt.usualJSON)
        #expect(String(decoding: bytes, as: UTF8.self) == (try reference(debt)))
    }
}
