import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

// The last of AWS's four steps, and what is around them.
extension AWSCases {
    static func promotesOnce() async throws {
        let estate = await SuiteEstate()
        await estate.vault.inject(
            VaultFault(.after(StepFailure(.unknown, "answer lost")), on: .write)
        )
        #expect(try await estate.runOnce().end == .closed)
        let written = await estate.vault.changes.filter { !$0.isForeign }
        #expect(written.map(\.deed) == [.written])
        #expect(try await estate.letsIn())
    }

    static func stopsAtSomebodyElsesVersion() async throws {
        let estate = await SuiteEstate()
        estate.target?.reach = .onlyInspection
        let foreign = VaultEntry(value: Secret("postgres://shop_a:by-hand@db/orders"))
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "it is admitted") { _ in true }
            await estate.vault.place(foreign, as: SuiteEstate.carrier)
            estate.target?.reach = .all
            let stuck = try await estate.rotation(until: "it stops") { $0.stuckReason != nil }
            #expect(stuck.stuckReason == "drift: somebody else wrote app/orders-password")
            #expect(stuck.step == .promote)
        }
        #expect(try await estate.current().value?.text == "postgres://shop_a:by-hand@db/orders")
        try await overwritesWhatComesBetween()
    }

    /// The window that remains: the other's version is no longer the latest, and still there.
    private static func overwritesWhatComesBetween() async throws {
        let estate = await SuiteEstate()
        let foreign = VaultEntry(value: Secret("postgres://shop_a:by-hand@db/orders"))
        await estate.vault.inject(VaultFault(.foreignWrite(foreign), on: .write))
        #expect(try await estate.runOnce().end == .closed)
        let versions = await estate.vault.listing { $0.text }
        #expect(versions.map(\.digest).contains("postgres://shop_a:by-hand@db/orders"))
        #expect(try await estate.letsIn())
    }

    static func ignoresWhatStayedStaged() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            #expect(try await estate.rotated("one").end == .closed)
            let first = await estate.stagedVersions()
            #expect(first.map(\.isEnabled) == [false])
            // As it would have stayed where closing could not disable it.
            await estate.stagingVault.setEnabled(true, first[0].version, of: SuiteEstate.staged)
            let answer = try await estate.answer(to: "two")
            #expect(answer.type == .rotationAccepted)
            #expect(try await estate.ended(2).end == .closed)
            let staged = await estate.stagedVersions()
            #expect(staged.count == 2)
            #expect(try await estate.credential().secret.text == staged[1].digest)
        }
    }

    static func looksAtWhatItAdopts() async throws {
        let estate = await SuiteEstate()
        let before = await estate.changes()
        try await estate.run {
            try await eventually("it is adopted") {
                try await estate.journal.credential("orders") != nil
            }
            try await estate.settle()
        }
        #expect(try await estate.newest() == nil)
        #expect(await estate.changes() == before)
        #expect(try await estate.journal.credential("orders")?.account == "shop_a")
        let looks = estate.target?.inner.callCount(.inspect) ?? 0
        #expect(looks > 0)
    }

    static func takesTheStepsInOrder() async throws {
        let estate = await SuiteEstate()
        let rotation = try await estate.run { try await estate.rotated() }
        let history = try await estate.journal.history(of: rotation.id)
        let steps = history.compactMap { entry in
            if case .finished(let step, _) = entry.event { step } else { nil }
        }
        let expected: [Step] = [
            .stage, .apply, .prove, .promote, .refresh, .verify, .complete, .retire, .close,
        ]
        #expect(steps == expected)
    }
}
