import Foundation
import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

/// A journal that another worker has made unfit for this one, or that a disk has ended.
private struct OutdatedJournal: SharedJournal {
    static let refusal = JournalFailure.newerSchema(found: 9, known: 2)
    static let end = JournalFailure.ended("SQLITE_IOERR")

    var refusal = Self.refusal
    let base: InMemoryJournal
    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func awaitWork() async throws(JournalFailure) -> SharedWork { throw refusal }
    func close() async {}

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        throw refusal
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        throw refusal
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? { throw refusal }

    func release(_ claim: Claim) async throws(JournalFailure) { throw refusal }
    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int { 0 }
}

@Suite(.timeLimit(.minutes(1))) struct `A worker whose journal was migrated by a newer one` {
    // It tried again and again, and nobody took up what it held unacknowledged.
    @Test func `ends, says why, and leaves its events to the others`() async throws {
        let world = try await World(.replace)
        await #expect(throws: OutdatedJournal.refusal) {
            try await world.withWorker(journal: OutdatedJournal(base: world.journal)) {
                await world.request()
                try await eventually(within: .seconds(30), "the worker ends") { false }
            }
        }
        #expect(world.outsider.countAll(in: SagaBus.intake) == 1)
        #expect(try await world.journal.rotations(RotationQuery()).isEmpty)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A worker whose journal takes nothing more` {
    // It lived on, ready to all appearance, and kept the queue without which no other may start.
    @Test func `ends, and says why`() async throws {
        let world = try await World(.replace)
        await #expect(throws: OutdatedJournal.end) {
            let journal = OutdatedJournal(refusal: OutdatedJournal.end, base: world.journal)
            try await world.withWorker(journal: journal) {
                await world.request()
                try await eventually(within: .seconds(30), "the worker ends") { false }
            }
        }
        #expect(world.outsider.countAll(in: SagaBus.intake) == 1)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A request that was replayed` {
    @Test func `is recorded with who published it again`() async throws {
        // Not due, or else the sweeper may be the first to ask.
        let world = try await World(.replace, expiresIn: 90 * 86_400)
        var content = EventContent()
        content.secret = "orders"
        let event = CloudEvent(
            id: "asked-again",
            source: "test",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
        let rotation = try await world.withWorker {
            _ = await world.outsider.publish([
                Publication(
                    exchange: "",
                    routingKey: SagaBus.intake,
                    body: event.encoded(),
                    properties: EventProperties(
                        messageID: "asked-again",
                        type: event.type.name,
                        userID: "operator"
                    )
                )
            ])
            return try await world.ended()
        }
        let first = try await world.journal.reader.history(of: rotation.id).first?.event
        guard case .accepted(_, _, let by, _) = first else {
            Issue.record("it does not begin with its acceptance")
            return
        }
        #expect(by.hasSuffix(", replayed by operator"), "\(by)")
    }
}
