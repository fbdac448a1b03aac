import Foundation
import InMemoryBroker
import InMemoryJournal
import InMemoryTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization
import Testing

/// A broker that connects only once it is let, and counts how often somebody asks how it is.
private final class LateBroker: Broker {
    private let base: any Broker
    private let gate: AsyncStream<Void>
    private let opener: AsyncStream<Void>.Continuation
    private let looks = Atomic<Int>(0)

    init(_ base: any Broker) {
        self.base = base
        (gate, opener) = AsyncStream.makeStream()
    }

    var lookCount: Int { looks.load(ordering: .relaxed) }
    var deliveries: AsyncStream<Delivery> { base.deliveries }
    var state: BrokerState {
        looks.add(1, ordering: .relaxed)
        return base.state
    }

    func connect() { opener.finish() }

    func run() async throws(StepFailure) {
        for await _ in gate {}
        try await base.run()
    }

    func acknowledge(_ tags: [Delivery.Tag]) async { await base.acknowledge(tags) }
    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }
    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        await base.publish(publications)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A worker and the queue of the owner` {
    private let row = OutboxRow(
        event: "left-unsent",
        type: .rotationClosed,
        rotation: nil,
        body: [],
        mustArrive: false,
        createdAt: Date()
    )

    private func broker(_ world: World) -> any Broker {
        world.outsider.peer(
            subscriptions: SagaBus.workerQueues(hookKinds: ["site"]),
            ownerQueue: SagaBus.owner
        )
    }

    private func expectUntouched(_ world: World) async throws {
        #expect(try await world.journal.credentials().isEmpty)
        #expect(try await world.journal.counts().unsentOutbox == 1)
        #expect(world.target?.callCount(.issue) == 0)
        #expect(world.target?.callCount(.inspect) == 0)
    }

    // The sweeper, the relay and what an earlier process left began before the queue was held:
    // two workers with a journal each rotated the same secret side by side.
    @Test func `writes nothing before it holds the queue, and then rotates`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 60)
        let late = LateBroker(broker(world))
        try await world.journal.commit([.enqueue(row)], under: nil)
        try await world.withWorker(on: late) {
            try await eventually("the worker waits") { late.lookCount > 20 }
            try await self.expectUntouched(world)
            late.connect()
            #expect(try await world.ended().end == .closed)
        }
    }

    @Test func `ends where another worker holds the queue, and has written nothing`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 60)
        try await world.journal.commit([.enqueue(row)], under: nil)
        let owner = world.outsider.peer(ownerQueue: SagaBus.owner)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await owner.run() }
            try await eventually("the other worker is there") { owner.state.isPublishing }
            let failure = await #expect(throws: StepFailure.self) {
                try await world.worker(on: self.broker(world)).run()
            }
            #expect(failure?.reason == "another worker holds rekey.owner")
            group.cancelAll()
        }
        try await expectUntouched(world)
    }
}
