import Foundation
import InMemoryJournal
import Logging
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `The relay` {
    private let broker = HeldBroker()
    private let outbox = OutboxFeed()
    private let hold = CommitHold()
    private let journal: SignallingJournal
    private let relay: Relay

    init() {
        let clock = SystemClock()
        let marking = MarkingJournal(base: InMemoryJournal(clock: clock), hold: hold)
        journal = SignallingJournal(marking, outbox, Signal(), JournalEnd())
        relay = Relay(
            journal: journal,
            broker: broker,
            settings: WorkerSettings(
                installation: "test",
                holder: "worker-1",
                relayPauseSeconds: 0.02
            ),
            clock: clock,
            outbox: outbox,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func row(_ event: String, _ rotation: String) -> OutboxRow {
        OutboxRow(
            event: EventID(event),
            type: .candidateStaged,
            rotation: RotationID(rotation),
            body: [],
            mustArrive: true,
            createdAt: Date()
        )
    }

    /// Commits rows beside nothing: the outbox may have had them before.
    private func commit(_ events: [(event: String, rotation: String)]) async throws {
        try await journal.commit(events.map { .enqueue(row($0.event, $0.rotation)) }, under: nil)
    }

    /// Commits rows, each beside an event of its rotation, as a turn does.
    private func advance(_ events: [(event: String, rotation: String)]) async throws {
        var writes: [JournalWrite] = []
        for (event, id) in events {
            let (happened, state) = try await next(of: RotationID(id))
            writes += [.append(happened, state: state), .enqueue(row(event, id))]
        }
        try await journal.commit(writes, under: nil)
    }

    private func next(of id: RotationID) async throws -> (RotationEvent, Rotation) {
        if var state = try await journal.reader.rotation(id) {
            let event = RotationEvent.askedForApproval(at: Date())
            state.fold(event)
            return (event, state)
        }
        let plan = RotationPlan(
            credential: "db",
            strategy: .valueOnly,
            target: nil,
            staging: SecretReference(vault: "staging", name: "db"),
            carriers: [],
            sequence: 1
        )
        let event = RotationEvent.accepted(plan, reason: .routine, by: "me", at: Date())
        let state = try #require(Rotation(id, startingWith: event))
        return (event, state)
    }

    // It was published again each second, and with enough of its kind nothing else was.
    @Test func `gives up what no broker would ever take`() async throws {
        try await withRelay {
            broker.answerAll(.unpublishable("body of 80000 bytes"))
            try await commit([("large", "a")])
            try await eventually("it is out of the outbox") {
                try await journal.reader.counts().unsentOutbox == 0
            }
            broker.answerAll(.confirmed)
            try await commit([("small", "a")])
            try await eventually("the next one went") {
                try await journal.reader.counts().unsentOutbox == 0
            }
        }
        #expect(broker.calls == [["large"], ["small"]])
    }

    private func withRelay(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            defer {
                group.cancelAll()
                broker.answerAll(.confirmed)
            }
            try await body()
        }
    }

    private func expectEmptyOutbox() async throws {
        try await eventually("the outbox is empty") {
            try await journal.reader.outbox(limit: 1).isEmpty
        }
    }

    @Test func `publishes on while a batch waits, but of a rotation only one batch`() async throws {
        try await withRelay {
            try await advance([("first", "a")])
            try await eventually("the first is published") { broker.calls.count == 1 }
            let others = (1...64).map { (event: "other-\($0)", rotation: "b-\($0)") }
            try await advance([("second", "a")] + others)
            try await eventually("the others are published") { broker.calls.count == 2 }
            #expect(broker.calls[1] == others.map(\.event))
            broker.answer(1, .confirmed)
            try await eventually("the others are taken out") {
                try await journal.reader.outbox(limit: 9).map(\.event.text) == ["first", "second"]
            }
            #expect(broker.calls.count == 2)
            broker.answer(0, .confirmed)
            try await eventually("the second is published") { broker.calls.count == 3 }
            #expect(broker.calls[2] == ["second"])
            broker.answer(2, .confirmed)
            try await expectEmptyOutbox()
        }
    }

    @Test func `reads what it finds at the start, in batches that it can hold`() async throws {
        let rows = (1...600).map { (event: "left-\($0)", rotation: "a-\($0)") }
        try await commit(rows)
        broker.answerAll(.confirmed)
        try await withRelay { try await expectEmptyOutbox() }
        #expect(broker.calls.flatMap { $0 } == rows.map(\.event))
    }

    @Test func `publishes what was refused again, until it is taken`() async throws {
        try await withRelay {
            try await commit([("first", "a")])
            for call in 0..<3 {
                try await eventually("it is published") { broker.calls.count == call + 1 }
                broker.answer(call, .refused("queue full"))
            }
            broker.answerAll(.confirmed)
            try await expectEmptyOutbox()
        }
        #expect(Set(broker.calls) == [["first"]])
    }

    @Test func `is handed what is committed, and reads the table at the start only`() async throws {
        broker.answerAll(.confirmed)
        try await withRelay {
            try await advance([("first", "a")])
            try await expectEmptyOutbox()
            for number in 1...5 {
                try await advance([("a-\(number)", "a"), ("b-\(number)", "b-\(number)")])
                try await eventually("both are published") {
                    broker.calls.flatMap { $0 }.count == 1 + 2 * number
                }
            }
            try await expectEmptyOutbox()
        }
        // The first may have been there before the relay read what an earlier process left.
        #expect(broker.readRows.filter { $0 != "first" }.isEmpty)
    }

    @Test func `publishes once what was committed while it read the table`() async throws {
        broker.answerAll(.confirmed)
        let rows = (1...300).map { (event: "row-\($0)", rotation: "r-\($0 % 7)") }
        try await withRelay {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<7 {
                    group.addTask {
                        for row in rows where row.rotation == "r-\(lane)" {
                            try await advance([row])
                            // The table has to be read again and again beside it.
                            try await commit([("x-\(row.event)", "x-\(lane)")])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await expectEmptyOutbox()
        }
        let published = broker.calls.flatMap { $0 }
        #expect(published.count == 600)
        #expect(Set(published).count == 600)
        for lane in 0..<7 {
            let own = rows.filter { $0.rotation == "r-\(lane)" }.map(\.event)
            #expect(published.filter { own.contains($0) } == own)
        }
    }

    @Test func `publishes once what it finds in the table before it is handed on`() async throws {
        broker.answerAll(.confirmed)
        hold.close(on: "first")
        try await withRelay {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await advance([("first", "a")]) }
                try await eventually("it is in the table") {
                    try await journal.reader.outbox(limit: 9).map(\.event) == ["first"]
                }
                for number in 1...3 {
                    try await commit([("other-\(number)", "b")])
                    try await eventually("another is published") { broker.calls.count == number }
                }
                hold.open()
                try await group.waitForAll()
            }
            try await expectEmptyOutbox()
        }
        #expect(broker.calls == [["other-1"], ["other-2"], ["other-3"], ["first"]])
    }

    @Test func `publishes in order what follows on what was refused`() async throws {
        try await withRelay {
            try await advance([("first", "a")])
            try await eventually("it is published") { broker.calls.count == 1 }
            try await advance([("second", "a")])
            broker.answer(0, .refused("queue full"))
            broker.answerAll(.confirmed)
            try await expectEmptyOutbox()
        }
        #expect(broker.calls.dropFirst().flatMap { $0 } == ["first", "second"])
    }

    // The oldest rows alone were tried, again and again, and filled each batch.
    @Test func `publishes what the broker takes behind any number that it does not`() async throws {
        broker.answerAll(.confirmed)
        broker.refuseAll("full-")
        try await commit((1...600).map { (event: "full-\($0)", rotation: "a-\($0)") })
        try await commit([("behind", "a-7"), ("wanted", "b")])
        try await withRelay {
            try await eventually("what is wanted goes") {
                broker.calls.contains { $0.contains("wanted") }
            }
            broker.refuseAll(nil)
            try await expectEmptyOutbox()
        }
        let all = broker.calls.flatMap { $0 }
        let first = try #require(all.lastIndex(of: "full-7"))
        #expect(all.firstIndex(of: "behind").map { $0 > first } == true)
    }

    // Cancelled, a pause is over at once: the flush published the same rows for ever.
    @Test func `ends a flush in its time though nothing is taken`() async throws {
        try await commit([("first", "a")])
        broker.answerAll(.unknown("no connection"))
        await relay.flush(within: 0.05)
        #expect(try await journal.reader.outbox(limit: 1).count == 1)
    }
}
