import Foundation
import RekeyCore
import Testing

@Suite struct `What an approval names, and who may ask` {
    private func rotation(_ change: (inout RotationPlan) -> Void = { _ in }) throws -> Rotation {
        var plan = RotationPlan(
            credential: "orders",
            strategy: .alternate,
            target: "db",
            staging: SecretReference(vault: "staging", name: "s"),
            carriers: [
                PlannedCarrier(SecretReference(vault: "app", name: "orders"), base: "v1")
            ],
            hooks: [PlannedHook("hosts", kind: "site")],
            previousAccount: "a",
            candidateAccount: "b",
            sequence: 4
        )
        change(&plan)
        let event = RotationEvent.accepted(
            plan,
            reason: .routine,
            by: "user:x",
            at: Date(timeIntervalSince1970: 0)
        )
        return try #require(Rotation("r", startingWith: event))
    }

    @Test func `the digest is the same for the same plan, and holds no time`() throws {
        #expect(try rotation().planDigest == rotation { $0.policy.graceSeconds = 9 }.planDigest)
    }

    @Test func `the digest differs with the target, a carrier, a version or a hook`() throws {
        let changes: [(inout RotationPlan) -> Void] = [
            { $0.target = "other" },
            { $0.carriers[0].base = "v2" },
            { $0.carriers[0].reference = SecretReference(vault: "app", name: "other") },
            { $0.hooks[0].isRequired = false },
            { $0.hooks = [] },
            { $0.candidateAccount = "c" },
        ]
        var digests = Set([try rotation().planDigest])
        for change in changes { digests.insert(try rotation(change).planDigest) }
        #expect(digests.count == changes.count + 1)
    }

    @Test func `a person counts only by the gateway's word`() {
        var access = AccessPolicy(
            allowed: [.approve: [.person("ops"), .user("cli")]],
            gatewayUser: "gateway"
        )
        let cases: [(String?, String?, AccessPolicy.Requester, Bool)] = [
            ("gateway", "ops", .person("ops"), true),
            ("gateway", nil, .user("gateway"), false),
            ("mallory", "ops", .user("mallory"), false),
            (nil, "ops", .anonymous, false),
            ("", "ops", .anonymous, false),
            ("cli", nil, .user("cli"), true),
            ("ops", nil, .user("ops"), false),
        ]
        for (user, person, expected, isAllowed) in cases {
            let requester = access.requester(userID: user, authID: person)
            #expect(requester == expected)
            #expect(access.allows(.approve, to: requester) == isAllowed, "\(expected)")
        }
        access.gatewayUser = nil
        #expect(access.requester(userID: "gateway", authID: "ops") == .user("gateway"))
    }

    @Test func `nobody is anonymous and allowed, even where anonymous is listed`() {
        let access = AccessPolicy(
            allowed: [.compromise: [.anonymous], .request: [.anonymous]]
        )
        #expect(!access.allows(.compromise, to: .anonymous))
        #expect(!access.allows(.request, to: .anonymous))
        #expect(AccessPolicy.requestsOnly.allows(.request, to: .anonymous))
        #expect(!AccessPolicy.requestsOnly.allows(.compromise, to: .user("x")))
        #expect(!AccessPolicy.requestsOnly.allows(.approve, to: .user("x")))
    }

    @Test func `a compromised value is never gone back to by command`() throws {
        let event = RotationEvent.accepted(
            try rotation().plan,
            reason: .compromise(versions: [], revokeBy: nil),
            by: "user:x",
            at: Date(timeIntervalSince1970: 0)
        )
        let grave = try #require(Rotation("r", startingWith: event))
        #expect(throws: CommandRefusal.self) {
            try grave.event(for: .rollback, by: "p", at: Date(timeIntervalSince1970: 1))
        }
        #expect(throws: CommandRefusal.self) {
            try grave.event(for: .resume(rebase: false), by: "p", at: Date())
        }
    }
}
