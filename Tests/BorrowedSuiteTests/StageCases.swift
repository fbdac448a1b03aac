import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// The cases about what is pending, current and previous.
enum StageCases {
    static func stagesBesideCurrent() async throws {
        let estate = await SuiteEstate()
        estate.target?.reach = .onlyInspection
        let before = try await estate.current()
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "it is staged") { $0.candidate.staged != nil }
            _ = try await estate.rotation(until: "it waits") { $0.failures > 2 }
        }
        let staged = await estate.stagedVersions()
        #expect(staged.map(\.isEnabled) == [true])
        #expect(try await estate.current().id == before.id)
        #expect(try await estate.letsIn())
    }

    static func tagsWithoutAVersion() async throws {
        let estate = await SuiteEstate()
        let before = try await estate.current()
        let tags = ["team": "shop", "label": "mine"]
        try await estate.vault.retag(before.id, of: SuiteEstate.carrier, with: tags)
        let after = try await estate.current()
        #expect(after.id == before.id)
        #expect(after.value == before.value)
        #expect(after.tags == tags)
    }

    static func usesTheNewestCandidate() async throws {
        let estate = await SuiteEstate()
        let seen = Seen()
        estate.target?.inner.behaviour.refuses = { seen.isAmongFirst(2, $0) }
        let rotation = try await estate.runOnce()
        #expect(rotation.end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 3)
        #expect(try await estate.credential().secret.text == staged[2].digest)
        #expect(staged.map(\.isEnabled) == [false, false, false])
        #expect(rotation.candidate.discarded == staged.prefix(2).map(\.version))
    }

    static func goesBackByANewVersion() async throws {
        let estate = await SuiteEstate()
        let first = try await estate.current()
        estate.workload.fail(with: [StepFailure(.permanent, "no evidence")])
        #expect(try await estate.runOnce().end == .rolledBack)
        let versions = await estate.vault.listing { $0.text }
        #expect(versions.count == 3)
        #expect(versions.map(\.isEnabled) == [true, true, true])
        let latest = try await estate.current()
        #expect(latest.id == versions[2].version)
        #expect(latest.id != first.id)
        #expect(latest.value == first.value)
        #expect(latest.expires == first.expires)
        #expect(try await estate.letsIn())
    }

    static func keepsOldAndPendingBesideNew() async throws {
        let estate = await SuiteEstate()
        let first = try await estate.current()
        estate.workload.show(EvidenceLevel.none)
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "it is promoted") { $0.step == .verify }
            let latest = try await estate.current()
            #expect(latest.id != first.id)
            let old = try await estate.vault.version(first.id, of: SuiteEstate.carrier)
            #expect(old?.isEnabled == true)
            #expect(old?.value == first.value)
            let staged = await estate.stagedVersions()
            #expect(staged.map(\.isEnabled) == [true])
            let held = try await estate.credential()
            #expect(held.secret.text == staged[0].digest)
            let accepted = estate.target?.inner.accepted.map(\.account)
            #expect(accepted == ["shop_a", "shop_b"])
        }
    }

    static func knowsNoStrangers() async throws {
        let estate = await SuiteEstate()
        let stranger = VersionID("0123456789abcdef0123456789abcdef")
        let secret = try await estate.vault.latest("nobody")
        #expect(secret?.id == nil)
        let version = try await estate.vault.version(stranger, of: SuiteEstate.carrier)
        #expect(version?.id == nil)
        let failure = await #expect(throws: StepFailure.self) {
            try await estate.vault.disable(stranger, of: SuiteEstate.carrier)
        }
        #expect(failure?.kind == .permanent)
    }

    static func joinsARotationInFlight() async throws {
        let estate = await SuiteEstate()
        estate.workload.show(EvidenceLevel.none)
        try await estate.run {
            await estate.request("one")
            let running = try await estate.rotation(until: "it is promoted") { $0.step == .verify }
            let staged = await estate.stagedVersions()
            let held = try await estate.credential()
            #expect(held.secret.text == staged[0].digest)
            let answer = try await estate.answer(to: "two")
            #expect(answer.type == .rotationCoalesced)
            #expect(answer.content.rotation == running.id.text)
            estate.workload.show(.proved)
            #expect(try await estate.ended().end == .closed)
            #expect(try await estate.answer(to: "three").type == .rotationAccepted)
            #expect(try await estate.ended(2).end == .closed)
        }
        let installed = estate.target?.inner.callCount(.install)
        #expect(installed == 2)
    }

    static func leavesADeletedNameAlone() async throws {
        let estate = await SuiteEstate(.replace)
        await estate.vault.delete(SuiteEstate.carrier)
        let rotation = try await estate.runOnce()
        #expect(rotation.end == .rolledBack)
        #expect(rotation.gaveUpReason?.contains("soft-deleted") == true)
        #expect(estate.target?.inner.changes.isEmpty == true)
        await estate.vault.recover(SuiteEstate.carrier)
        #expect(try await estate.letsIn())
    }

    static func knowsNoOtherSecret() async throws {
        let estate = await SuiteEstate()
        let before = await estate.changes()
        try await estate.run {
            await estate.request("one", secret: "nobody")
            await estate.request("two", secret: "app/nobody")
            try await estate.settle()
        }
        #expect(try await estate.newest() == nil)
        #expect(await estate.changes() == before)
    }

    static func hashesTheIdOfARequest() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            for length in [9, 73] {
                let rotation = try await estate.rotated(String(repeating: "t", count: length))
                #expect(rotation.end == .closed)
                #expect(rotation.id.text.count == 36)
            }
        }
    }
}
