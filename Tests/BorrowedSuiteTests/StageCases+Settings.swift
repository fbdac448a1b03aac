import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

// The cases about periods, and about switching rotation off and on.
extension StageCases {
    static func refusesALifeOfNothing() async throws {
        #expect(SuiteConfiguration.mistakes(policy: "lifetime: 10d") == [])
        for life in ["0d", "0s", "59s"] {
            let mistakes = SuiteConfiguration.mistakes(policy: "lifetime: \(life)")
            #expect(mistakes.count == 1, "\(life)")
            #expect(mistakes.first?.contains(".secrets[0].policy.lifetime: expected") == true)
        }
    }

    static func refusesALifeOfYears() async throws {
        #expect(SuiteConfiguration.mistakes(policy: "lifetime: 730d") == [])
        for life in ["731d", "1000d", "1001d"] {
            let mistakes = SuiteConfiguration.mistakes(policy: "lifetime: \(life)")
            #expect(mistakes.count == 1, "\(life)")
        }
    }

    static func pausesAndKeeps() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            try await eventually("its date is known") {
                try await estate.journal.credential("orders")?.dueAt != nil
            }
            let before = try await estate.journal.credential("orders")
            #expect(try await estate.command("pause").content.outcome == "accepted")
            var paused = try await estate.journal.credential("orders")
            #expect(paused?.isPaused == true)
            paused?.isPaused = false
            #expect(paused == before?.written)
            let answer = try await estate.answer(to: "one")
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail == "paused")
            #expect(try await estate.command("unpause").content.outcome == "accepted")
            #expect(try await estate.answer(to: "two").type == .rotationAccepted)
            #expect(try await estate.ended().end == .closed)
        }
    }

    static func refusesToUnpauseWhatRuns() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            let early = try await estate.command("unpause")
            #expect(early.content.outcome == "refused")
            #expect(early.content.detail == "not paused")
            _ = try await estate.command("pause")
            let again = try await estate.command("pause")
            #expect(again.content.outcome == "refused")
            #expect(again.content.detail == "paused already")
        }
    }

    static func pausesWhatIsDeleted() async throws {
        let estate = await SuiteEstate()
        await estate.vault.delete(SuiteEstate.carrier)
        try await estate.run {
            let answer = try await estate.command("pause")
            #expect(answer.content.outcome == "accepted")
        }
        #expect(try await estate.journal.credential("orders")?.isPaused == true)
        #expect(estate.target?.inner.changes.isEmpty == true)
    }

    static func refusesToPauseAStranger() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            let answer = try await estate.command("pause", secret: "nobody")
            #expect(answer.content.outcome == "refused")
        }
        #expect(try await estate.journal.credential("nobody") == nil)
    }

    static func addsThePeriod() async throws {
        let rotated = try #require(Timestamp.date("2023-05-20T10:20:30Z"))
        let next = try #require(Timestamp.date("2023-05-30T10:20:30Z"))
        let policy = RotationPolicy(lifetimeSeconds: 10 * 86_400, thresholdSeconds: 0)
        #expect(DueDate.next(policy, ends: nil, lastRotatedAt: rotated) == next)
        // What the vault says counts more: its date is the new version's own.
        let estate = await SuiteEstate { definition in
            definition.policy.lifetimeSeconds = 10 * 86_400
            definition.policy.thresholdSeconds = 86_400
        }
        let rotation = try await estate.runOnce()
        let completed = try #require(rotation.times.completedAt)
        let record = try #require(try await estate.journal.credential("orders"))
        let due = try #require(record.dueAt)
        // The value ends ten days after it was written, and is due a day before.
        #expect(abs(due.timeIntervalSince(completed) - 9 * 86_400) < 60)
        let end = try #require(try await estate.current().expires)
        #expect(abs(end.timeIntervalSince(completed) - 10 * 86_400) < 60)
    }
}
