import PostgresJournal
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import RekeyWorker

/// Several real workers on one broker and one journal in PostgreSQL, under a load.
struct ReplicaRig: Sendable {
    private struct Replica: Sendable {
        let worker: Worker
        let broker: CountingBroker
        let journal: PostgresJournal
    }

    private let replicas: [Replica]
    private let load: SagaLoad
    private let counts: SagaCounts
    private let options: BenchOptions
    private let inFlight: Int

    /// Makes `count` workers, on a virtual host and in a schema of their own.
    static func make(
        _ count: Int,
        on rabbit: PrivateRabbitMQ,
        _ postgres: PrivatePostgres,
        _ options: BenchOptions,
        _ load: ReplicaOptions
    ) async throws -> ReplicaRig {
        let virtualHost = "/replicas-\(count)"
        try await rabbit.makeVirtualHost(virtualHost)
        let made = await BenchEstate.make(count: load.credentials)
        let (counts, saga) = (SagaCounts(), SagaLoad(made.credentials))
        var replicas: [Replica] = []
        for number in 1...count {
            let journal = try await PostgresJournal.open(
                settings(postgres, schema: "replicas_\(count)"),
                clock: SystemClock()
            )
            let broker = CountingBroker(
                base: RabbitMQBroker.forWorker(
                    at: EchoPlace(rabbit, virtualHost: virtualHost),
                    window: options.window,
                    isOnlyOne: false
                ),
                counts: counts,
                eventBytes: options.eventBytes
            )
            let counting = CountingJournal(
                base: journal,
                counts: counts,
                eventBytes: options.eventBytes,
                ended: { saga.ended($0) }
            )
            let worker = Worker.measured(
                made,
                journal: SharedCountingJournal(counting: counting, shared: journal),
                broker: broker,
                turnsAtOnce: load.turns,
                holder: "bench-\(number)"
            )
            replicas.append(Replica(worker: worker, broker: broker, journal: journal))
        }
        return ReplicaRig(
            replicas: replicas,
            load: saga,
            counts: counts,
            options: options,
            inFlight: load.inFlight
        )
    }

    private static func settings(
        _ postgres: PrivatePostgres,
        schema: String
    ) -> PostgresJournalSettings {
        let password = postgres.password
        return PostgresJournalSettings(
            host: postgres.host,
            port: postgres.port,
            database: "postgres",
            user: postgres.user,
            tls: .disabled,
            schema: schema
        ) { Secret(copying: password.utf8) }
    }

    /// Runs the workers, and measures as many rounds as the options say.
    func measure() async throws -> [ReplicaRound] {
        let brokers = replicas.map(\.broker)
        var parts: [@Sendable () async throws -> Void] = []
        for replica in replicas { parts.append { try await replica.worker.run() } }
        parts.append {
            try await load.run(
                on: brokers[0].base,
                counts: counts,
                eventBytes: options.eventBytes
            )
        }
        let rounds = try await Companions.run(parts) {
            try await eventually(within: .seconds(60), "the workers are connected") {
                brokers.allSatisfy { $0.state.isConsuming && $0.state.isPublishing }
            }
            var rounds: [ReplicaRound] = []
            for _ in 1...options.rounds { rounds.append(try await round()) }
            return rounds
        }
        for replica in replicas { await replica.journal.close() }
        return rounds
    }

    private func round() async throws -> ReplicaRound {
        let clock = ContinuousClock()
        load.open(inFlight)
        try await clock.sleep(for: .seconds(options.warmUp))
        let (start, first, grouped) = (clock.now, counts.totals, grouped)
        try await clock.sleep(for: .seconds(options.seconds))
        let (end, last, groupedLast) = (clock.now, counts.totals, self.grouped)
        load.shut()
        try await eventually(within: .seconds(60), "every rotation has ended") {
            load.runningCount == 0
        }
        guard counts.totals.rotationsFailed == 0 else {
            throw BenchFailure("a rotation did not close: \(counts.totals)")
        }
        let transactions = groupedLast.transactions - grouped.transactions
        let steps = last.steps - first.steps
        guard steps > 0, transactions > 0 else { throw BenchFailure("nothing was done") }
        return ReplicaRound(
            stepsPerSecond: Double(steps) / (start.duration(to: end) / .seconds(1)),
            callersPerCommit: Double(groupedLast.callers - grouped.callers) / Double(transactions)
        )
    }

    private var grouped: PostgresGroupCounts {
        replicas.map(\.journal.groupCounts).reduce(into: PostgresGroupCounts()) { sum, counts in
            sum.transactions += counts.transactions
            sum.callers += counts.callers
        }
    }
}

/// What one round with several workers showed.
struct ReplicaRound: Sendable {
    let stepsPerSecond: Double
    let callersPerCommit: Double
}
