import Foundation
import Logging
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
        let clock = SystemClock()
        let journal = try SQLiteJournal.open(path: journalPath, clock: clock)
        let counts = SagaCounts()
        let load = SagaLoad(made.credentials)
        let broker = CountingBroker(base: makeBroker(on: rabbit, options), counts: counts)
        let worker = Worker(
            journal: CountingJournal(
                base: journal,
                counts: counts,
                eventBytes: options.eventBytes,
                ended: { load.ended($0) }
            ),
            broker: broker,
            adapters: made.adapters,
            estate: made.estate,
            settings: WorkerSettings(
                installation: InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11"),
                holder: "bench",
                turnsAtOnce: saga.turns,
                // What is due is not looked for: the load asks.
                sweepSeconds: 3_600
            ),
            clock: clock,
            logger: Logger(label: "rekey-bench") { _ in SwiftLogNoOpLogHandler() }
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

    private static func makeBroker(
        on rabbit: PrivateRabbitMQ,
        _ options: BenchOptions
    ) -> RabbitMQBroker {
        let password = rabbit.password
        var settings = RabbitMQSettings(
            addresses: [.init(host: rabbit.host, port: rabbit.port)],
            virtualHost: virtualHost,
            user: rabbit.user,
            password: { Secret(copying: password.utf8) }
        )
        settings.confirmWindow = options.window
        return RabbitMQBroker(
            settings: settings,
            topology: SagaBus.topology(hookKinds: []),
            subscriptions: SagaBus.workerQueues(hookKinds: []).map {
                Subscription(
                    $0,
                    prefetch: options.window,
                    isUrgent: SagaBus.lane(of: $0)?.isUrgent ?? false
                )
            },
            ownerQueue: SagaBus.owner
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
