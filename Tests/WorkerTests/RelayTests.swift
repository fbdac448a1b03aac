import Foundation
import InMemoryJournal
import Logging
import RealParts
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

@testable import RekeyWorker

/// A broker that answers a publication when the test says so.
private final class HeldBroker: Broker {
    private struct State {
        var calls: [[String]] = []
        var held: [Int: CheckedContinuation<PublishOutcome, Never>] = [:]
        /// What is answered at once; nil while calls are held.
        var answer: PublishOutcome?
    }

    private let heldCalls = Mutex(State())

    var deliveries: AsyncStream<Delivery> { AsyncStream { $0.finish() } }
    var state: BrokerState { BrokerState(isConsuming: true, isPublishing: true) }
    /// The event ids of each call.
    var calls: [[String]] { heldCalls.withLock { $0.calls } }

    func run() async throws(StepFailure) {}
    func acknowledge(_ tags: [Delivery.Tag]) async {}
    func reject(_ tag: Delivery.Tag) async {}

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        let outcome = await withCheckedContinuation { continuation in
            let answer = heldCalls.withLock { state in
                state.calls.append(publications.compactMap(\.properties.messageID))
                if state.answer == nil { state.held[state.calls.count - 1] = continuation }
                return state.answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
        return publications.map { _ in outcome }
    }

    /// Answers the call of a number, counted from 0.
    func answer(_ call: Int, _ outcome: PublishOutcome) {
        heldCalls.withLock { $0.held.removeValue(forKey: call) }?.resume(returning: outcome)
    }

    /// Answers every call from now on, at once.
    func answerAll(_ outcome: PublishOutcome) {
        let held = heldCalls.withLock { state in
            state.answer = outcome
            defer { state.held = [:] }
            return state.held.values
        }
        for continuation in held { continuation.resume(returning: outcome) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `The relay` {
    private let broker = HeldBroker()
    private let signal = OutboxSignal()
    private let journal: SignallingJournal
    private let relay: Relay

    init() {
        let clock = SystemClock()
        journal = SignallingJournal(InMemoryJournal(clock: clock), signal, Signal())
        relay = Relay(
            journal: journal,
            broker: broker,
            settings: WorkerSettings(
                installation: "test",
                holder: "worker-1",
                relayPauseSeconds: 0.02
            ),
            clock: clock,
            signal: signal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func commit(_ events: [(event: String, rotation: String)]) async throws {
        let writes = events.map { row in
            JournalWrite.enqueue(
                OutboxRow(
                    event: EventID(row.event),
                    type: .candidateStaged,
                    rotation: RotationID(row.rotation),
                    body: [],
                    mustArrive: true,
                    createdAt: Date()
                )
            )
        }
        try await journal.commit(writes, under: nil)
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
            try await commit([("first", "a")])
            try await eventually("the first is published") { broker.calls.count == 1 }
            let others = (1...64).map { (event: "other-\($0)", rotation: "b-\($0)") }
            try await commit([("second", "a")] + others)
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

    // Cancelled, a pause is over at once: the flush published the same rows for ever.
    @Test func `ends a flush in its time though nothing is taken`() async throws {
        try await commit([("first", "a")])
        broker.answerAll(.unknown("no connection"))
        await relay.flush(within: 0.05)
        #expect(try await journal.reader.outbox(limit: 1).count == 1)
    }
}
