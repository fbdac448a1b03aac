import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts
import Testing

/// What has to hold of a journal that was of format 1 a moment ago.
struct FirstFormatChecks {
    let kept: FirstFormat
    let count: Int
    let journal: any Journal
    let reader: any JournalReader

    private var id: RotationID { RotationID(kept.rotation) }

    /// Everything is there, and the rotation goes on to the end that it had, byte by byte.
    func run() async throws {
        #expect(journal.id == "first-journal")
        try await expectAllThere()
        try await expectCounting()
        let events = try kept.decoded()
        var state = try #require(try await reader.rotation(id))
        for event in events[count...] {
            state.fold(event)
            try await journal.commit([.append(event, state: state)], under: nil)
        }
        let history = try await reader.history(of: id)
        #expect(history.map(\.event) == events)
        #expect(history.map(\.digest) == kept.digests)
        let ended = try await reader.rotation(id)
        #expect(ended?.isOver == !kept.isOpen)
    }

    /// Records of that time do not say how often they were written: from here on they do.
    private func expectCounting() async throws {
        let old = try #require(try await reader.credentials().first)
        #expect(old.revision == nil)
        var paused = old
        paused.isPaused = true
        try await journal.commit([.credential(paused)], under: nil)
        await #expect {
            try await journal.commit([.credential(old)], under: nil)
        } throws: { error in
            guard case JournalFailure.conflict = error else { return false }
            return true
        }
        #expect(try await reader.credentials() == [paused.written])
    }

    private func expectAllThere() async throws {
        #expect(try await reader.rotation(id) == kept.state(after: count))
        let records = try await reader.credentials()
        #expect(try records.map { try JournalCoding.encode($0) } == [Data(kept.record.utf8)])
        let debts = try await reader.debts(unpaidOnly: false)
        let known = Set(try debts.map { try JournalCoding.encode($0) })
        #expect(known == Set(kept.debts.map { Data($0.debt.utf8) }))
        let entries = try await reader.inbox(limit: 9)
        #expect(entries.map(\.id.event) == [EventID(FirstFormatBoxes.entry.event)])
        #expect(entries.first?.userID == "crm" && entries.first?.replayedBy == nil)
        let rows = try await reader.outbox(limit: 9)
        #expect(rows.map(\.event) == [EventID(FirstFormatBoxes.row.event)])
        let due = Date(timeIntervalSinceReferenceDate: FirstFormatBoxes.at)
        #expect(try await reader.nextTimer() == due)
        for done in kept.handled {
            let entry = InboxEntry(
                id: InboxEntry.ID(lane: done.lane, event: EventID(done.event)),
                type: .rotationRequested,
                rotation: nil,
                body: [],
                receivedAt: due
            )
            #expect(try await journal.receive([entry]) == [false])
        }
    }
}
