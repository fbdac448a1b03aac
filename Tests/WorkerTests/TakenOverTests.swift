import Foundation
import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization
import Testing

/// A journal whose worker stands still once it has received an event, until something else has
/// happened.
private final class StandstillJournal: Journal {
    private let base: InMemoryJournal
    private let event: EventID
    private let meanwhile: @Sendable (InMemoryJournal) async throws -> Void
    private let over = Mutex(false)

    init(
        _ base: InMemoryJournal,
        after event: EventID,
        meanwhile: @escaping @Sendable (InMemoryJournal) async throws -> Void
    ) {
        self.base = base
        self.event = event
        self.meanwhile = meanwhile
    }

    var isOver: Bool { over.withLock(\.self) }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        let isNew = try await base.receive(entries)
        let received = entries.compactMap { try? CloudEvent(decoding: $0.body) }
        guard received.contains(where: { $0.id == event }) else { return isNew }
        do { try await meanwhile(base) } catch { throw .unavailable("meanwhile: \(error)") }
        over.withLock { $0 = true }
        return isNew
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }
}

/// An order that one worker received and another carried out, before the first goes on.
@Suite(.timeLimit(.minutes(1))) struct `An order that another worker has carried out` {
    private static let day = 86_400.0

    private func world(paused isPaused: Bool) async throws -> CommandWorld {
        let world = try await World(
            .addThenRemove,
            policy: CommandWorld.gated,
            expiresIn: 90 * Self.day,
            access: CommandWorld.access
        )
        var record = CredentialRecord(id: "orders", adoptedAt: Date(), isPaused: isPaused)
        record.expiresAt = Date() + 90 * Self.day
        record.dueAt = Date() + 60 * Self.day
        try await world.journal.commit([.credential(record)], under: nil)
        return CommandWorld(world)
    }

    private func pause(_ it: CommandWorld) -> InboxEntry {
        var content = EventContent()
        content.command = "pause"
        content.secret = "orders"
        let event = CloudEvent(
            id: "pause-again",
            source: "test",
            type: .commandIssued,
            time: Date(),
            content: content
        )
        return InboxEntry(
            id: .init(lane: "command", event: event.id),
            type: event.type,
            rotation: nil,
            body: event.encoded(),
            userID: "rekey",
            receivedAt: Date()
        )
    }

    /// Runs another worker, which takes up what the inbox holds, until it has answered it all.
    private static func runAnother(on it: CommandWorld) async throws {
        // A worker begins once it consumes; what comes from outside it leaves to the first.
        let queue = SagaBus.queue(of: .step(.close))
        let broker = it.world.outsider.peer(subscriptions: [queue])
        let worker = it.world.worker(on: broker, holder: "worker-2")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask {
                try await eventually("the other worker has done it all") {
                    let counts = try await it.world.journal.counts()
                    return counts.waitingInbox == 0 && counts.unsentOutbox == 0
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Whether the command that somebody published as `event` is handled.
    private static func handles(_ event: EventID) -> @Sendable ([JournalWrite]) -> Bool {
        let published = CloudEvent(
            id: event,
            source: "test",
            type: .commandIssued,
            time: Date(),
            content: EventContent()
        )
        let id = InboxEntry.ID(of: published, publishedBy: "rekey")
        return { writes in id.map { writes.contains(.handled($0)) } ?? false }
    }

    // The credential went on though it had been paused again, and nobody was told.
    @Test func `is not carried out again, behind what was ordered since`() async throws {
        let it = try await world(paused: true)
        let journal = MeanwhileJournal(it.world.journal, before: Self.handles("go-on")) { base in
            _ = try await base.receive([pause(it)])
            try await Self.runAnother(on: it)
        }
        try await it.withWorker(journal: journal) {
            let answer = try await it.command("unpause", id: "go-on") { $0.secret = "orders" }
            #expect(answer.content.outcome == "accepted")
            try await eventually("the first worker goes on") { journal.left != nil }
            // Whatever it repeats it has repeated when it answers this.
            _ = try await it.command("adopt") { $0.secret = "orders" }
        }
        #expect(try await it.world.journal.credential("orders")?.isPaused == true)
        #expect(journal.refusals.contains { if case .gone = $0 { true } else { false } })
    }

    // What had been declined began all the same.
    @Test func `begins no rotation that was declined`() async throws {
        let it = try await world(paused: true)
        let journal = StandstillJournal(it.world.journal, after: "rotate-1") { base in
            try await Self.runAnother(on: it)
            try await base.change("orders") { $0.isPaused = false }
        }
        try await it.withWorker(journal: journal) {
            var content = EventContent()
            content.secret = "orders"
            content.reason = "routine"
            let answer = try await it.ask(
                .rotationRequested,
                content,
                as: "rekey",
                person: nil,
                id: "rotate-1"
            )
            #expect(answer.type == .rotationDeclined)
            try await eventually("the first worker goes on") { journal.isOver }
            _ = try await it.command("adopt") { $0.secret = "orders" }
        }
        #expect(try await it.newest() == nil)
    }
}
