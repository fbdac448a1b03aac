import Foundation
import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `What a worker remembers to keep duplicates out` {
    /// The machine's clock, ahead by as much as a test says.
    private final class AheadClock: RekeyPorts.Clock {
        private let seconds = Mutex(0.0)

        var now: Date { Date() + seconds.withLock { $0 } }
        var bootSeconds: Double { now.timeIntervalSince1970 }

        func advance(by more: Double) { seconds.withLock { $0 += more } }

        func sleep(until date: Date) async throws {
            try await Task.sleep(for: .seconds(max(0, date.timeIntervalSince(now))))
        }
    }

    private static let day = 86_400.0
    private static let parked = "rekey.parked.rekey.intake"

    private func world(_ clock: any RekeyPorts.Clock) async throws -> CommandWorld {
        var policy = World.quick
        policy.lifetimeSeconds = 3_650 * Self.day
        return CommandWorld(
            try await World(
                .alternate,
                policy: policy,
                expiresIn: 3_650 * Self.day,
                access: CommandWorld.access,
                clock: clock
            )
        )
    }

    /// A request or command as its publisher wrote it.
    private func event(
        _ id: String,
        _ type: EventType = .rotationRequested,
        at time: Date?
    ) -> Publication {
        var content = EventContent()
        content.secret = "orders"
        if type == .commandIssued { content.command = "pause" } else { content.reason = "routine" }
        let event = CloudEvent(
            id: EventID(id),
            source: "test",
            type: type,
            time: time ?? .distantPast,
            content: content
        )
        var body = String(decoding: event.encoded(), as: UTF8.self)
        if time == nil {
            body = body.replacing(/"time":"[^"]*",?/, with: "")
        }
        let properties = EventProperties(messageID: id, type: type.name, userID: "rekey")
        return Publication(
            exchange: SagaBus.intake,
            routingKey: type.routingKey,
            body: Array(body.utf8),
            properties: properties
        )
    }

    /// The same to a queue of its own, as a replay brings it.
    private func replayed(_ publication: Publication) -> Publication {
        Publication(
            exchange: "",
            routingKey: SagaBus.intake,
            body: publication.body,
            properties: publication.properties.replayed(by: InMemoryBroker.user)
        )
    }

    private func reasons(_ it: CommandWorld) async throws -> [String] {
        try await it.world.outsider.list(Self.parked, limit: 100)
            .compactMap { $0.properties.headers["rekey-parked-reason"] }
    }

    // Its id was forgotten, and a rotation that had been declined began three months later.
    @Test func `is forgotten after its time, and then no copy is taken any more`() async throws {
        let clock = AheadClock()
        let it = try await world(clock)
        let request = event("asked-1", at: clock.now)
        let command = event("paused-1", .commandIssued, at: clock.now)
        try await it.withWorker {
            _ = await it.world.outsider.publish([command])
            #expect(try await it.answer(to: "paused-1").content.outcome == "accepted")
            _ = await it.world.outsider.publish([request])
            #expect(try await it.answer(to: "asked-1").type == .rotationDeclined)
            // A duplicate within the time is known, and nothing is said to it again.
            _ = await it.world.outsider.publish([request, replayed(request)])
            _ = try await it.command("unpause") { $0.secret = "orders" }
            #expect(it.answers(to: "asked-1").count == 1)
        }
        let known = InboxEntry.ID(
            of: try CloudEvent(decoding: request.body),
            publishedBy: request.properties.userID
        )
        let id = try #require(known)
        #expect(try await it.world.journal.receive([entry(id)]) == [false])
        clock.advance(by: 92 * Self.day)
        let queues = SagaBus.workerQueues(hookKinds: ["site"])
        let broker = it.world.outsider.peer(subscriptions: queues, ownerQueue: SagaBus.owner)
        try await it.world.withWorker(on: broker) {
            try await eventually("old ids are forgotten") {
                try await self.isForgotten(id, it)
            }
            for copy in [request, replayed(request), command, replayed(command)] {
                _ = await it.world.outsider.publish([copy])
            }
            try await eventually("all copies are parked") {
                it.world.outsider.count(in: Self.parked) == 4
            }
        }
        let reasons = try await reasons(it)
        #expect(reasons.count == 4)
        for reason in reasons { #expect(reason.contains("out of time"), "\(reason)") }
        #expect(try await it.world.journal.rotations(RotationQuery()).isEmpty)
        #expect(try await it.world.journal.credential("orders")?.isPaused == false)
    }

    private func entry(_ id: InboxEntry.ID) -> InboxEntry {
        InboxEntry(
            id: id,
            type: .rotationRequested,
            rotation: nil,
            body: [],
            receivedAt: Date()
        )
    }

    /// Puts it into the inbox where its id is not known, and takes it out again at once.
    private func isForgotten(_ id: InboxEntry.ID, _ it: CommandWorld) async throws -> Bool {
        let isNew = try await it.world.journal.receive([entry(id)]) == [true]
        if isNew { try await it.world.journal.commit([.forget(id)], under: nil) }
        return isNew
    }

    @Test func `is no reason to take what names no time twice, or a time to come`() async throws {
        let it = try await world(SystemClock())
        try await it.withWorker {
            let timeless = self.event("timeless-1", .commandIssued, at: nil)
            _ = await it.world.outsider.publish([timeless])
            #expect(try await it.answer(to: "timeless-1").content.outcome == "accepted")
            let copy = self.event("timeless-2", .commandIssued, at: nil)
            let late = self.event("late-1", at: Date() + 2 * Self.day)
            _ = await it.world.outsider.publish([self.replayed(copy), late])
            try await eventually("both are parked") {
                it.world.outsider.count(in: Self.parked) == 2
            }
            let recent = self.event("recent-1", at: Date() - 89 * Self.day)
            _ = await it.world.outsider.publish([self.replayed(recent)])
            try await eventually("it is answered") { !it.answers(to: "recent-1").isEmpty }
        }
        let reasons = try await reasons(it).sorted()
        #expect(reasons.first?.contains("a replayed event has to name its time") == true)
        #expect(reasons.last?.contains("its time is to come") == true)
        #expect(try await it.world.journal.rotations(RotationQuery()).isEmpty)
    }
}
