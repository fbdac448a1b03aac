import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// The cases about what is on record when something goes wrong.
enum JournalCases {
    static func installsTheSameValueAgain() async throws {
        let estate = await SuiteEstate(.replace)
        let before = try await estate.current()
        estate.target?.inner.inject(.before(StepFailure(.transient, "no")), on: .install)
        let rotation = try await estate.runOnce()
        #expect(rotation.end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(try await estate.credential().secret.text == staged[0].digest)
        #expect(estate.target?.inner.callCount(.install) == 2)
        #expect(estate.target?.inner.changes.count == 1)
        let history = try await estate.journal.history(of: rotation.id)
        let promoted = history.firstIndex { entry in
            if case .observed(.carrierWritten, _) = entry.event { true } else { false }
        }
        let installed = history.firstIndex { entry in
            if case .observed(.installed, _) = entry.event { true } else { false }
        }
        #expect(installed ?? .max < promoted ?? .min)
        #expect(rotation.plan.carriers[0].base == before.id)
        #expect(rotation.intent == nil)
        #expect(try await estate.journal.debts(unpaidOnly: true).isEmpty)
    }

    static func goesOnAfterAStart() async throws {
        let estate = await SuiteEstate()
        estate.target?.reach = .onlyInspection
        try await estate.run {
            await estate.request()
            _ = try await estate.rotation(until: "it waits") { $0.step == .apply }
        }
        estate.target?.reach = .all
        let rotation = try await estate.run { try await estate.ended() }
        #expect(rotation.end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(try await estate.credential().secret.text == staged[0].digest)
    }

    static func believesTheVaultsEnd() async throws {
        let estate = await SuiteEstate()
        let end = try #require(try await estate.current().expires)
        let epoch = Date(timeIntervalSince1970: 0)
        let record = CredentialRecord(id: "orders", adoptedAt: epoch, lastRotatedAt: epoch)
        try await estate.journal.commit([.credential(record)], under: nil)
        try await estate.run {
            try await eventually("its date is known") {
                try await estate.journal.credential("orders")?.dueAt != nil
            }
            try await estate.settle()
        }
        #expect(try await estate.newest() == nil)
        let due = try await estate.journal.credential("orders")?.dueAt
        #expect(due == end - 30 * 86_400)
    }

    static func makesWhatWasNotStaged() async throws {
        let estate = await SuiteEstate()
        await estate.stagingVault.inject(
            VaultFault(.before(StepFailure(.unknown, "never sent")), on: .write)
        )
        let rotation = try await estate.runOnce()
        #expect(rotation.end == .closed)
        let history = try await estate.journal.history(of: rotation.id)
        let isLooked = history.contains { entry in
            if case .observed(.notStaged, _) = entry.event { true } else { false }
        }
        #expect(isLooked)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 1)
        #expect(try await estate.letsIn())
    }

    static func usesTheLastOfFour() async throws {
        let estate = await SuiteEstate { $0.policy.valueAttempts = 4 }
        let seen = Seen()
        estate.target?.inner.behaviour.refuses = { seen.isAmongFirst(3, $0) }
        #expect(try await estate.runOnce().end == .closed)
        let staged = await estate.stagedVersions()
        #expect(staged.count == 4)
        #expect(staged.map(\.isEnabled) == [false, false, false, false])
        #expect(try await estate.credential().secret.text == staged[3].digest)
        #expect(estate.target?.inner.changes.first?.kind == .installed)
    }

    static func forgetsTheUnknown() async throws {
        let estate = await SuiteEstate()
        var content = EventContent()
        content.secret = "nobody"
        let event = CloudEvent(
            id: "stale",
            source: "test",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
        let entry = InboxEntry(
            id: .init(lane: "admit", event: "stale"),
            type: .rotationRequested,
            rotation: nil,
            body: event.encoded(),
            receivedAt: Date()
        )
        #expect(try await estate.journal.receive([entry]) == [true])
        try await estate.run { try await estate.settle() }
        #expect(try await estate.journal.inbox(limit: 10).isEmpty)
        #expect(try await estate.newest() == nil)
    }

    static func leavesAnEarlierRotation() async throws {
        let estate = await SuiteEstate()
        try await estate.run {
            let first = try await estate.rotated("one")
            let second = try await estate.rotated("two")
            #expect(second.end == .closed)
            try await estate.settle()
            let current = try await estate.current()
            for event in estate.events where event.correlationID == first.id.text {
                await estate.forge(event, about: first.id)
            }
            try await estate.settle()
            #expect(try await estate.current().id == current.id)
            let staged = await estate.stagedVersions()
            #expect(staged.map(\.isEnabled) == [false, false])
            #expect(try await estate.credential().secret.text == staged[1].digest)
            #expect(try await estate.letsIn())
        }
    }
}
