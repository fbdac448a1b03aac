import RekeyCore
import RekeyPorts
import Synchronization

/// The queues that several participants share, and who consumes what.
final class InMemoryWorld: Sendable {
    struct Unsettled {
        let queue: String
        let item: InMemoryQueues.Item
    }

    struct Participant {
        let subscriptions: [String]
        let prefetch: Int
        let ownerQueue: String?
        let feed: AsyncStream<Delivery>.Continuation
        var connection: UInt64 = 0
        var nextTag: UInt64 = 1
        var isConnected = false
        var unsettled: [UInt64: Unsettled] = [:]
    }

    struct State {
        var queues: InMemoryQueues
        var participants: [Participant] = []
        var blockedReason: String?
        var confirmsToLose = 0
        var shuffle: SeededOrder?
    }

    let state: Mutex<State>

    init(_ queues: InMemoryQueues) { state = Mutex(State(queues: queues)) }

    func join(
        _ subscriptions: [String],
        prefetch: Int,
        _ ownerQueue: String? = nil,
        feed: AsyncStream<Delivery>.Continuation
    ) -> Int {
        state.withLock { state in
            state.participants.append(
                Participant(
                    subscriptions: subscriptions,
                    prefetch: prefetch,
                    ownerQueue: ownerQueue,
                    feed: feed
                )
            )
            return state.participants.count - 1
        }
    }

    func connect(_ number: Int) throws(StepFailure) {
        try state.withLock { state throws(StepFailure) in
            let owner = state.participants[number].ownerQueue
            let isHeld = state.participants.contains { $0.isConnected && $0.ownerQueue == owner }
            if let owner, isHeld {
                throw StepFailure(.permanent, "another worker holds \(owner)")
            }
            state.participants[number].isConnected = true
            state.participants[number].connection += 1
            state.pump()
        }
    }

    func reconnect(_ number: Int) {
        state.withLock { state in
            state.giveBack(number)
            state.participants[number].connection += 1
            state.pump()
        }
    }

    func leave(_ number: Int) {
        let feed = state.withLock { state in
            state.participants[number].isConnected = false
            state.giveBack(number)
            state.pump()
            return state.participants[number].feed
        }
        feed.finish()
    }

    func state(of number: Int) -> BrokerState {
        state.withLock { state in
            let participant = state.participants[number]
            return BrokerState(
                isConsuming: participant.isConnected
                    && (!participant.subscriptions.isEmpty || participant.ownerQueue != nil),
                isPublishing: participant.isConnected,
                blockedReason: state.blockedReason
            )
        }
    }

    func settle(_ tag: Delivery.Tag, of number: Int, isRejected: Bool) {
        state.withLock { state in
            guard state.participants[number].connection == tag.connection,
                let unsettled = state.participants[number].unsettled.removeValue(
                    forKey: tag.number
                )
            else { return }
            if isRejected { state.queues.deadLetter(unsettled.item, from: unsettled.queue) }
            state.pump()
        }
    }

    func publish(_ publications: [Publication], from number: Int) -> [PublishOutcome] {
        state.withLock { state in
            guard state.participants[number].isConnected else {
                return publications.map { _ in .unknown("there is no connection") }
            }
            guard state.blockedReason == nil else {
                return publications.map { _ in .refused("connection.blocked") }
            }
            let outcomes = publications.map { publication in
                let outcome = state.queues.publish(publication)
                guard state.confirmsToLose > 0 else { return outcome }
                state.confirmsToLose -= 1
                return .unknown("the confirm was lost")
            }
            state.pump()
            return outcomes
        }
    }
}

extension InMemoryWorld {
    func setCopies(_ copies: Int) { state.withLock { $0.queues.copies = max(copies, 1) } }
    func setBlocked(_ reason: String?) { state.withLock { $0.blockedReason = reason } }
    func loseConfirms(_ count: Int) { state.withLock { $0.confirmsToLose += count } }
    func count(in queue: String) -> Int { state.withLock { $0.queues.items[queue]?.count ?? 0 } }
    func countAll(in queue: String) -> Int {
        state.withLock { state in
            let unsettled = state.participants.flatMap(\.unsettled.values)
            return (state.queues.items[queue]?.count ?? 0)
                + unsettled.count { $0.queue == queue }
        }
    }
    func setSeed(_ seed: UInt64?) {
        state.withLock { $0.shuffle = seed.map { SeededOrder($0) } }
    }

    func list(_ queue: String, limit: Int) throws(StepFailure) -> [Delivery] {
        let items = state.withLock { $0.queues.items[queue] }
        guard let items else { throw Self.missing(queue) }
        return items.prefix(limit).enumerated().map { place, item in
            item.delivery(
                Delivery.Tag(connection: 0, number: UInt64(place) + 1),
                queue: queue
            )
        }
    }

    func replay(
        _ id: String,
        from queue: String,
        to destination: String
    )
        throws(StepFailure) -> Bool
    {
        try state.withLock { state throws(StepFailure) in
            guard let place = try state.place(of: id, in: queue) else { return false }
            guard state.queues.items[destination] != nil else {
                throw StepFailure(.permanent, "basic.publish: no such queue \(destination)")
            }
            guard let item = state.queues.take(queue, at: place) else { return false }
            _ = state.queues.publish(
                Publication(
                    exchange: "",
                    routingKey: destination,
                    body: item.body,
                    properties: item.properties.replayed(by: InMemoryBroker.user)
                )
            )
            state.pump()
            return true
        }
    }

    func discard(_ id: String, from queue: String) throws(StepFailure) -> Bool {
        try state.withLock { state throws(StepFailure) in
            guard let place = try state.place(of: id, in: queue) else { return false }
            return state.queues.take(queue, at: place) != nil
        }
    }

    static func missing(_ queue: String) -> StepFailure {
        StepFailure(.permanent, "basic.get: 404 NOT_FOUND \(queue)")
    }
}
