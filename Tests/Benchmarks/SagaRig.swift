import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// A real worker on a real broker and a journal on disk, under a load.
struct SagaRig: Sendable {
    let rabbit: PrivateRabbitMQ
    let journal: SQLiteJournal
    let broker: CountingBroker
    let worker: Worker
    let load: SagaLoad
    let counts: SagaCounts
    let options: BenchOptions
    let inFlight: Int

    private static let virtualHost = "/saga"

    /// Makes everything; nothing runs yet.
    static func make(
        on rabbit: PrivateRabbitMQ,
        journalPath: String,
        _ options: BenchOptions,
        _ saga: SagaOptions
    ) async throws -> SagaRig {
        try await rabbit.makeVirtualHost(virtualHost)
        let made = await BenchEstate.make(count: saga.credentials)
        let journal = try SQLiteJournal.open(path: journalPath, clock: SystemClock())
        let counts = SagaCounts()
        let load = SagaLoad(made.credentials)
        let broker = CountingBroker(
            base: RabbitMQBroker.forWorker(
                at: EchoPlace(rabbit, virtualHost: virtualHost),
                window: options.window
            ),
            counts: counts,
            eventBytes: options.eventBytes
        )
        let worker = Worker.measured(
            made,
            journal: CountingJournal(
                base: journal,
                counts: counts,
                eventBytes: options.eventBytes,
                ended: { load.ended($0) }
            ),
            broker: broker,
            turnsAtOnce: saga.turns
        )
        return SagaRig(
            rabbit: rabbit,
            journal: journal,
            broker: broker,
            worker: worker,
            load: load,
            counts: counts,
            options: options,
            inFlight: saga.inFlight
        )
    }

    /// Runs the worker for as long as `body` lasts.
    func withWorker<Result: Sendable>(
        _ body: @escaping @Sendable (SagaRig) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await worker.run()
                return nil
            }
            group.addTask {
                try await load.run(
                    on: broker.base,
                    counts: counts,
                    eventBytes: options.eventBytes
                )
                return nil
            }
            group.addTask {
                try await eventually(within: .seconds(60), "the worker is connected") {
                    broker.state.isConsuming && broker.state.isPublishing
                }
                return try await body(self)
            }
            defer { group.cancelAll() }
            for try await result in group {
                if let result { return result }
            }
            throw BenchFailure("the worker ended too early")
        }
    }
}
