import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts
import Synchronization

/// A broker that answers a publication when the test says so.
final class HeldBroker: Broker {
    private struct State {
        var calls: [[String]] = []
        var readRows: [String] = []
        var held: [Int: CheckedContinuation<PublishOutcome, Never>] = [:]
        /// What is answered at once; nil while calls are held.
        var answer: PublishOutcome?
        /// Events whose ids begin so are refused, whatever is answered.
        var unwanted: String?
    }

    private let heldCalls = Mutex(State())

    var deliveries: AsyncStream<Delivery> { AsyncStream { $0.finish() } }
    var state: BrokerState { BrokerState(isConsuming: true, isPublishing: true) }
    /// The event ids of each call.
    var calls: [[String]] { heldCalls.withLock { $0.calls } }
    /// The event ids of what came out of the table.
    var readRows: [String] { heldCalls.withLock { $0.readRows } }

    func run() async throws(StepFailure) {}
    func acknowledge(_ tags: [Delivery.Tag]) async {}
    func reject(_ tag: Delivery.Tag) async {}

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        let outcome = await withCheckedContinuation { continuation in
            let answer = heldCalls.withLock { state in
                state.calls.append(publications.compactMap(\.properties.messageID))
                let read = publications.filter { $0.body == MarkingJournal.mark }
                state.readRows += read.compactMap(\.properties.messageID)
                if state.answer == nil { state.held[state.calls.count - 1] = continuation }
                return state.answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
        let unwanted = heldCalls.withLock { $0.unwanted }
        return publications.map { publication in
            let id = publication.properties.messageID ?? ""
            return unwanted.map(id.hasPrefix) == true ? .refused("queue full") : outcome
        }
    }

    /// Refuses every event whose id begins so; none any more where it is nil.
    func refuseAll(_ prefix: String?) { heldCalls.withLock { $0.unwanted = prefix } }

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

/// A journal whose table tells by a row's body that it was read from there.
struct MarkingJournal: Journal {
    static let mark: [UInt8] = [1]

    let base: InMemoryJournal
    let hold: CommitHold

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        let marked = writes.map { write -> JournalWrite in
            guard case .enqueue(let row) = write else { return write }
            return .enqueue(
                OutboxRow(
                    event: row.event,
                    type: row.type,
                    rotation: row.rotation,
                    body: Self.mark,
                    mustArrive: row.mustArrive,
                    createdAt: row.createdAt
                )
            )
        }
        try await base.commit(marked, under: claim)
        await hold.pass(writes)
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

/// Keeps the answer to one commit back, which is in the table by then.
final class CommitHold: Sendable {
    private let event = Mutex<EventID?>(nil)
    private let opening = AsyncStream<Void>.makeStream()

    /// Has the commit of this row unanswered until `open`.
    func close(on event: EventID) { self.event.withLock { $0 = event } }

    func open() { opening.continuation.finish() }

    func pass(_ writes: [JournalWrite]) async {
        let held = event.withLock { $0 }
        let isHeld = writes.contains { write in
            if case .enqueue(let row) = write { row.event == held } else { false }
        }
        if isHeld { for await _ in opening.stream {} }
    }
}
