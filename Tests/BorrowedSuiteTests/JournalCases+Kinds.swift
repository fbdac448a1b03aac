import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

// The cases about policies, periods and kinds of credential.
extension JournalCases {
    static func keepsThePolicyOfItsAdmission() async throws {
        let estate = await SuiteEstate(.replace) { $0.policy.generator = .password(length: 20) }
        estate.target?.reach = .onlyInspection
        try await estate.run {
            await estate.request("one")
            _ = try await estate.rotation(until: "it is staged") { $0.step == .apply }
        }
        estate.definition.policy.generator = .password(length: 48)
        estate.target?.reach = .all
        try await estate.run {
            let first = try await estate.ended()
            #expect(first.end == .closed)
            #expect(try await estate.credential().secret.byteCount == 20)
            #expect(try await estate.rotated("two").end == .closed)
        }
        #expect(try await estate.credential().secret.byteCount == 48)
        let versions = await estate.vault.listing { $0.text }
        #expect(versions.map { $0.digest.count } == [SuiteEstate.old.count, 20, 48])
    }

    static func readsAnOlderRecord() async throws {
        let estate = await SuiteEstate()
        var rotation = try await estate.runOnce()
        rotation.fold(.failed(.probeInstalled, StepFailure(.transient, "no"), at: Date()))
        #expect(rotation.probes?.count == 1)
        let written = try JSONEncoder().encode(rotation)
        let whole = try #require(
            JSONSerialization.jsonObject(with: written) as? [String: Any]
        )
        var older = whole
        for key in ["probes", "revocation", "servedRequests", "lastFailure"] { older[key] = nil }
        let olderBytes = try JSONSerialization.data(withJSONObject: older)
        let read = try JSONDecoder().decode(Rotation.self, from: olderBytes)
        #expect(read.probes == nil)
        #expect(read.end == .closed)
        for key in ["step", "plan", "carriers", "debts", "candidate"] {
            var broken = whole
            broken[key] = nil
            let bytes = try JSONSerialization.data(withJSONObject: broken)
            #expect(throws: DecodingError.self, "\(key)") {
                try JSONDecoder().decode(Rotation.self, from: bytes)
            }
        }
    }

    static func rotatesByItself() async throws {
        let estate = await SuiteEstate(.replace, expiresIn: 0.5) {
            $0.policy.thresholdSeconds = 0.1
        }
        let before = try await estate.current()
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed)
        #expect(rotation.requestedBy == "sweeper")
        #expect(try await estate.letsIn())
        let after = try await estate.current()
        #expect(after.value != before.value)
        let versions = await estate.vault.listing { $0.text }
        #expect(versions.map(\.version) == [before.id, after.id])
        #expect(versions.first?.digest == SuiteEstate.old)
    }

    static func queuesNothingInvalid() async throws {
        // A target that issues nothing, for a strategy that wants it to.
        let stranger = InMemoryTarget(
            strategy: .replace,
            accounts: ["shop_a"],
            accepting: [Credential(account: "shop_a", secret: Secret(SuiteEstate.old))]
        )
        let estate = await SuiteEstate(.addThenRemove, target: stranger)
        try await estate.run {
            await estate.request("unknown", secret: "nobody")
            let rotation = try await estate.rotated("one")
            #expect(rotation.end == .rolledBack)
            try await estate.settle()
        }
        let counts = try await estate.journal.counts()
        #expect(counts.openRotations == 0)
        #expect(counts.unpaidDebts == 0)
        #expect(counts.timers == 0)
        #expect(stranger.changes.isEmpty)
        #expect(try await estate.current().value?.text == SuiteEstate.old)
    }

    static func probesWhatWasRefused() async throws {
        let estate = await SuiteEstate(.replace)
        estate.target?.inner.inject(.after(StepFailure(.refused, "too alike")), on: .install)
        #expect(try await estate.runOnce().end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(estate.target?.inner.callCount(.accepts) == 1)
        #expect(estate.target?.inner.callCount(.install) == 1)
        #expect(try await estate.credential().secret.text == staged[0].digest)
        #expect(try await estate.letsIn())
    }

    /// The process dies with the answer to the change, and whatever it held in memory.
    static func recovers(_ strategy: Strategy) async throws {
        let estate = await SuiteEstate(strategy)
        estate.target?.loseAfterDeed()
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "the answer is lost") { rotation in
                rotation.failures > 0 && rotation.intent != nil
            }
        }
        #expect(estate.target?.reach == .nothing)
        #expect(estate.target?.inner.changes.count == 1)
        estate.target?.reach = .all
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed, "\(rotation.gaveUpReason ?? "")")
        #expect(try await estate.letsIn())
        #expect(try await estate.journal.debts(unpaidOnly: true).isEmpty)
        let old = Secret(SuiteEstate.old)
        let isOldAccepted = estate.target?.inner.accepted.contains { $0.secret == old }
        #expect(isOldAccepted == false)
        // What was found without its value is withdrawn before another is asked for.
        let kinds = estate.target?.inner.changes.map(\.kind)
        switch strategy {
        case .replace: #expect(kinds == [.installed])
        case .alternate: #expect(kinds == [.installed, .retired])
        case .dualKey: #expect(kinds == [.regenerated, .retired])
        case .addThenRemove: #expect(kinds == [.issued, .retired, .issued, .retired])
        case .valueOnly: Issue.record("there is no target")
        }
    }
}
