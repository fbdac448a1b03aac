import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// A real worker that gets one event at a time.
struct LatencyRig: Sendable {
    /// How one event went, from the moment before it was published.
    struct Sample: Sendable {
        let confirm: Duration
        let arrival: Duration
        let inbox: Duration
        let admission: Duration
        let firstCall: Duration
        let firstChange: Duration
        let closed: Duration
    }

    private static let virtualHost = "/latency"
    private static let window = 64
    private static let limit = Duration.seconds(30)

    private let worker: Worker
    private let broker: RabbitMQBroker
    private let client: RabbitMQBroker
    private let calls: FirstCalls
    private let inbox: InboxTimes
    private let counts: SagaCounts
    private let ended: AsyncStream<CredentialID>
    private let credentials: [CredentialID]
    private let eventBytes: Int

    /// Makes everything; nothing runs yet.
    static func make(
        on rabbit: PrivateRabbitMQ,
        journalPath: String,
        count: Int,
        eventBytes: Int
    ) async throws -> LatencyRig {
        try await rabbit.makeVirtualHost(virtualHost)
        let calls = FirstCalls()
        let made = await BenchEstate.make(count: count) { credential, target in
            WatchedTarget(base: target) { calls.note($0, of: credential.id) }
        }
        let inbox = InboxTimes()
        let counts = SagaCounts()
        let (ended, end) = AsyncStream.makeStream(of: CredentialID.self)
        let journal = CountingJournal(
            base: InboxJournal(
                base: try SQLiteJournal.open(path: journalPath, clock: SystemClock()),
                times: inbox
            ),
            counts: counts,
            eventBytes: eventBytes,
            ended: { end.yield($0) }
        )
        let place = EchoPlace(rabbit, virtualHost: virtualHost)
        let broker = RabbitMQBroker.forWorker(at: place, window: window)
        return LatencyRig(
            worker: Worker.measured(made, journal: journal, broker: broker),
            broker: broker,
            client: RabbitMQBroker.forClient(at: place),
            calls: calls,
            inbox: inbox,
            counts: counts,
            ended: ended,
            credentials: made.credentials,
            eventBytes: eventBytes
        )
    }

    /// Publishes an event for each credential in turn, each once the one before has closed.
    func samples(pause: Duration) async throws -> [Sample] {
        try await Companions.run([
            { try await worker.run() }, { try await client.run() },
        ]) {
            try await eventually(within: Self.limit, "the worker is connected") {
                broker.state.isConsuming && client.state.isPublishing
            }
            var over = ended.makeAsyncIterator()
            var samples: [Sample] = []
            for (index, credential) in credentials.enumerated() {
                try await Task.sleep(for: pause)
                calls.begin(credential)
                let start = ContinuousClock.now
                let outcome = await client.publish([
                    .request(for: credential, number: index, eventBytes: eventBytes)
                ])
                let confirm = start.duration(to: .now)
                guard outcome == [.confirmed] else {
                    throw BenchFailure("a request was not confirmed: \(outcome)")
                }
                // One that is over may still record what was left to do.
                while let other = await over.next(), other != credential {}
                samples.append(try sample(of: credential, since: start, confirm))
            }
            return samples
        }
    }

    private func sample(
        of credential: CredentialID,
        since start: ContinuousClock.Instant,
        _ confirm: Duration
    ) throws -> Sample {
        let closed = start.duration(to: .now)
        let times = calls[credential]
        guard let call = times.call, let change = times.change,
            counts.totals.rotationsFailed == 0
        else { throw BenchFailure("\(credential): its rotation did not close") }
        return Sample(
            confirm: confirm,
            arrival: start.duration(to: inbox.last.came),
            inbox: inbox.last.came.duration(to: inbox.last.durable),
            admission: inbox.last.durable.duration(to: call),
            firstCall: start.duration(to: call),
            firstChange: start.duration(to: change),
            closed: closed
        )
    }
}
