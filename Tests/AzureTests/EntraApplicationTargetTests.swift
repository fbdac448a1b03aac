import EntraApplicationTarget
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import StandInParts
import Testing

/// An application of the stand-in for one test, and the target over it.
struct OpenApplication {
    let standIn: StandIn
    let name: String
    let facts: StandIn.Application

    static func make(
        in standIn: StandIn,
        audience: String = "AzureADMyOrg",
        passwords: Int = 1
    ) async throws -> OpenApplication {
        let (name, facts) = try await standIn.makeApplication(
            audience: audience,
            passwords: passwords
        )
        return OpenApplication(standIn: standIn, name: name, facts: facts)
    }

    /// Settings that wait for milliseconds where Azure needs seconds.
    var settings: EntraApplicationSettings {
        var settings = EntraApplicationSettings(
            name: "orders",
            tenantID: standIn.facts.tenant,
            applicationID: facts.appId,
            environment: standIn.environment
        )
        settings.settling.agreeingReads = 3
        settings.settling.interval = .milliseconds(20)
        settings.settling.absenceWindow = .milliseconds(200)
        settings.settling.limit = .seconds(20)
        settings.proving.interval = .milliseconds(50)
        settings.proving.limit = .seconds(20)
        return settings
    }

    func target(
        _ change: (inout EntraApplicationSettings) -> Void = { _ in }
    ) throws -> EntraApplicationTarget {
        var settings = settings
        change(&settings)
        return try EntraApplicationTarget(
            settings,
            http: standIn.http,
            tokens: try standIn.tokens()
        )
    }

    func firstSecret() throws -> Secret {
        try StandIn.secret(at: try #require(facts.passwordFiles?.first))
    }

    func inject(_ kind: String, on operation: String, _ fields: [String: Any] = [:]) async throws {
        try await standIn.inject(
            StandIn.Fault(
                api: "graph",
                operation: operation,
                match: facts.objectId,
                kind: kind,
                fields: fields
            )
        )
    }

    func additions() async throws -> Int {
        try await standIn.changes()
            .filter { $0.operation == "addPassword" && $0.path?.contains(facts.objectId) == true }
            .count
    }
}

let fence = Fence(installation: "test", credential: "orders", sequence: 1, epoch: 1)
let key: NaturalKey = "6f9c0a4e-0000-5000-8000-000000000001/apply/issue/1"

@Suite struct `An Entra application` {
    @Test func `issues a secret under our name, proves it, and retires the old one`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let target = try opened.target()
        let old = try opened.firstSecret()
        let before = try await target.inspect(current: Credential(account: nil, secret: old))
        let current = try #require(before.current)
        #expect(before.accepted.map(\.label) == ["first-0"])

        let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 1e7).rounded())
        let issued = try await target.issue(key, expires: end)
        #expect(issued.expires == end)
        let credential = Credential(account: issued.account, secret: issued.secret)
        try await target.prove(credential, like: current)
        #expect(try await target.accepts(credential))
        #expect(try await target.issued(key) == [issued.account])

        try await target.retire(current, fence: fence)
        try await target.retire(current, fence: fence)
        #expect(try await target.accepts(Credential(account: current, secret: old)) == false)
        let after = try await target.inspect(current: credential)
        #expect(after.current == issued.account)
        #expect(after.accepted.map(\.label) == [key.text])
        #expect(try await target.silence(of: current) == .unobservable)
    }

    @Test func `finds by its name what a lost answer left behind`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let target = try opened.target()
        try await opened.inject("drop-after", on: "addPassword")
        let failure = await #expect(throws: StepFailure.self) {
            try await target.issue(key, expires: nil)
        }
        #expect(failure?.kind == .unknown)
        let orphans = try await target.issued(key)
        #expect(orphans.count == 1)
        for orphan in orphans { try await target.retire(orphan, fence: fence) }
        #expect(try await target.issued(key).isEmpty)
        // Nothing below sent it again.
        #expect(try await opened.additions() == 1)
    }

    @Test func `does not know after an error of Graph's to addPassword`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let target = try opened.target()
        try await opened.inject("status", on: "addPassword", ["status": 503])
        let failure = await #expect(throws: StepFailure.self) {
            try await target.issue(key, expires: nil)
        }
        #expect(failure?.kind == .unknown)
        #expect(try await target.issued(key).isEmpty)
        try await opened.inject("throttle", on: "addPassword", ["retryAfter": 7])
        let later = await #expect(throws: StepFailure.self) {
            try await target.issue(key, expires: nil)
        }
        #expect(later == StepFailure(.transient, later?.reason ?? "", retryAfterSeconds: 7))
    }

    @Test func `tells a live secret by its hint only where one has it`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared(), passwords: 2)
        let target = try opened.target()
        let known = Credential(account: nil, secret: try opened.firstSecret())
        let account = try #require(try await target.inspect(current: known).current)
        let unknown = Credential(account: nil, secret: Secret(text: "~~~nothing"))
        #expect(try await target.inspect(current: unknown).current == nil)
        // What was recorded counts for less than the value: somebody may have added one by hand.
        let others = try await target.inspect(current: nil).accepted.map(\.account)
        #expect(others.count == 2)
        for recorded in others + ["no-such-key"] {
            let given = Credential(account: recorded, secret: known.secret)
            #expect(try await target.inspect(current: given).current == account)
        }
        let other = Credential(account: account, secret: unknown.secret)
        #expect(try await target.inspect(current: other).current == nil)
    }

    @Test func `refuses a third secret where there is room for two`() async throws {
        let opened = try await OpenApplication.make(
            in: try await StandIn.shared(),
            audience: "AzureADandPersonalMicrosoftAccount",
            passwords: 2
        )
        let target = try opened.target()
        let failure = await #expect(throws: StepFailure.self) {
            try await target.issue(key, expires: nil)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("first-0") == true)
        #expect(try await opened.additions() == 0)
        let findings = try await target.preflight()
        #expect(findings.contains { $0.severity == .problem && $0.hint?.contains("spare") == true })
    }

    @Test func `says which of its ids is wrong`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let other = try opened.standIn.application("observer")
        let ids = [
            (opened.facts.appId, "the object id is the application id"),
            (other.objectId, "belongs to application \(other.appId)"),
        ]
        for (id, text) in ids {
            let target = try opened.target { $0.objectID = id }
            let failure = await #expect(throws: StepFailure.self) { try await target.facts() }
            #expect(failure?.kind == .permanent)
            #expect(failure?.reason.contains(text) == true)
        }
        #expect(throws: StepFailure.self) { try opened.target { $0.applicationID = "orders" } }
    }

    @Test func `writes nothing while it is switched off`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let target = try opened.target { $0.isEnabled = false }
        await #expect(throws: StepFailure.self) { try await target.issue(key, expires: nil) }
        await #expect(throws: StepFailure.self) { try await target.retire("x", fence: fence) }
        #expect(try await target.preflight().contains { $0.severity == .problem })
        #expect(try await opened.additions() == 0)
    }

    @Test func `shows its facts without a value`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let facts = try await opened.target().facts()
        #expect(facts.objectID == opened.facts.objectId)
        #expect(facts.created != nil)
        #expect(facts.lastUpdated == facts.passwords.first?.start)
        #expect(facts.owners?.count == 1)
        // Thirty days, with a threshold of thirty.
        #expect(facts.nearExpiry(at: Date()).count == 1)
        let secret = try opened.firstSecret().text
        #expect(!String(reflecting: facts).contains(secret))
    }

    @Test func `is checked for its name and its owners`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let facts = try await opened.target().facts()
        let owner = try #require(facts.owners?.first?.id)
        func problems(_ name: String?, _ owners: [String]) async throws -> [String] {
            let target = try opened.target { settings in
                settings.expectedName = name
                settings.expectedOwners = owners
            }
            return try await target.preflight().filter { $0.severity == .problem }.map(\.text)
        }
        #expect(try await problems(facts.displayName, [owner.uppercased()]) == [])
        let stranger = "00000000-0000-0000-0000-00000000000f"
        #expect(
            try await problems(nil, [owner, stranger]) == ["not among its owners: \(stranger)"]
        )
        let name = try #require(facts.displayName)
        #expect(try await problems("Billing", []) == ["it is called `\(name)`, not `Billing`"])
    }

    @Test func `adds one secret at a time`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let (one, two) = (try opened.target(), try opened.target())
        async let first = one.issue("r/apply/issue/1", expires: nil)
        async let second = two.issue("r/apply/issue/2", expires: nil)
        let accounts = try await [first.account, second.account]
        #expect(Set(accounts).count == 2)
        #expect(try await one.inspect(current: nil).accepted.count == 3)
    }

    @Test func `shortens a long name by a hash, and keeps its beginning`() async throws {
        let opened = try await OpenApplication.make(in: try await StandIn.shared())
        let target = try opened.target()
        let long = (1...2).map {
            NaturalKey("rotation-1/" + String(repeating: "x", count: 150) + "\($0)")
        }
        let labels = long.map(target.label)
        #expect(labels.allSatisfy { $0.count == 120 && $0.hasPrefix("rekey/rotation-1/") })
        #expect(labels[0] != labels[1])
        #expect(target.label(for: "short") == "rekey/short")
    }
}

@Suite(.serialized) struct `An Entra application whose reads lag` {
    @Test func `is believed when its reads agree`() async throws {
        let standIn = try await StandIn.start()
        let opened = try await OpenApplication.make(in: standIn)
        let target = try opened.target { settings in
            settings.settling.absenceWindow = .milliseconds(1500)
        }
        let old = Credential(account: nil, secret: try opened.firstSecret())
        let current = try #require(try await target.inspect(current: old).current)
        try await standIn.changeSettings(["graphLagSeconds": 0.5, "graphFlapSeconds": 0.5])

        let issued = try await target.issue(key, expires: nil)
        // The absence that the first reads show is not believed.
        #expect(try await target.issued(key) == [issued.account])
        // The 400 of a removal that has happened is none of a removal that has not.
        try await target.retire(current, fence: fence)
        #expect(try await target.inspect(current: nil).accepted.map(\.account) == [issued.account])
    }

    @Test func `proves a secret once it has spread`() async throws {
        let standIn = try await StandIn.start()
        let opened = try await OpenApplication.make(in: standIn)
        try await standIn.changeSettings(["passwordLagSeconds": 1.5])
        let target = try opened.target()
        let issued = try await target.issue(key, expires: nil)
        let credential = Credential(account: issued.account, secret: issued.secret)
        #expect(try await target.accepts(credential) == false)

        let hasty = try opened.target { $0.proving.limit = .milliseconds(200) }
        let failure = await #expect(throws: StepFailure.self) {
            try await hasty.prove(credential, like: nil)
        }
        #expect(failure?.kind == .transient)
        #expect(failure?.reason.contains("AADSTS7000215") == true)

        let last = try await standIn.lastSequence()
        try await target.prove(credential, like: nil)
        let signIns = try await standIn.changes(since: last)
            .filter { $0.operation == "token" && $0.principal == opened.facts.appId }
        #expect(signIns.suffix(3).map(\.status) == [200, 200, 200])
    }
}
