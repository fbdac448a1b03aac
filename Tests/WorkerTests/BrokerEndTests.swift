import Foundation
import InMemoryJournal
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A worker whose broker ends` {
    /// Ends its deliveries, and a while later says why.
    private struct EndingBroker: Broker {
        let deliveries: AsyncStream<Delivery>
        private let feed: AsyncStream<Delivery>.Continuation

        init() { (deliveries, feed) = AsyncStream.makeStream() }

        func run() async throws(StepFailure) {
            feed.finish()
            let deadline = ContinuousClock.now + .milliseconds(300)
            while ContinuousClock.now < deadline, !Task.isCancelled { await Task.yield() }
            throw StepFailure(.permanent, "amqp_login: 403 ACCESS_REFUSED")
        }

        func acknowledge(_ tags: [Delivery.Tag]) async {}
        func reject(_ tag: Delivery.Tag) async {}
        func publish(_ publications: [Publication]) async -> [PublishOutcome] {
            publications.map { _ in .unknown("there is no connection") }
        }
        var state: BrokerState { BrokerState() }
    }

    // It sometimes ended without a word and with exit code 0: its intake had ended first.
    @Test func `ends with the reason`() async throws {
        let clock = SystemClock()
        let worker = Worker(
            journal: InMemoryJournal(clock: clock),
            broker: EndingBroker(),
            adapters: Adapters(vaults: [:], targets: [:], workloads: [:], hooks: [:]),
            estate: Estate(definitions: [], vaultHosts: [:]),
            settings: WorkerSettings(installation: World.installation, holder: "worker-1"),
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let failure = await #expect(throws: StepFailure.self) { try await worker.run() }
        #expect(failure?.reason.contains("403") == true)
    }
}
