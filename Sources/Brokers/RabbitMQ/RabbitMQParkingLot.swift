package import RekeyCore
package import RekeyPorts

/// Looks into parked queues over a connection of its own, one visit at a time.
///
/// What a visit reads is unacknowledged meanwhile, and returned to its place before the visit
/// ends, or by the broker where the connection is lost: nothing is taken that was not asked for.
package final class RabbitMQParkingLot: ParkingLot {
    /// Events that one `list` returns at most, so that it fits in memory.
    package static let listLimit = 1_000
    /// Events that a visit reads at most; beyond it a queue's order may change.
    package static let searchLimit = 100_000

    private let settings: RabbitMQSettings
    private let thread: LinkThread
    private let watch = CallWatch()

    package init(settings: RabbitMQSettings) {
        self.settings = settings
        thread = LinkThread(name: "amqp-parked", stackByteCount: settings.guards.stackByteCount)
    }

    package func list(_ queue: String, limit: Int) async throws(StepFailure) -> [Delivery] {
        try await visit { visit throws(AMQPFailure) in
            var found: [Delivery] = []
            let tags = try visit.readAll(queue, limit: Self.searchLimit) { next in
                if found.count < min(limit, Self.listLimit) { found.append(next) }
            }
            try visit.settle(tags)
            return found
        }
    }

    package func replay(
        _ id: String,
        from queue: String,
        to destination: String
    )
        async throws(StepFailure) -> Bool
    {
        try await take(id, from: queue) { visit, found throws(AMQPFailure) in
            try visit.publish(found, to: destination)
        }
    }

    package func discard(_ id: String, from queue: String) async throws(StepFailure) -> Bool {
        try await take(id, from: queue) { _, _ throws(AMQPFailure) in }
    }

    /// Takes the first event with this id away, once `body` has succeeded with it.
    private func take(
        _ id: String,
        from queue: String,
        _ body: @Sendable (ParkingVisit, Delivery) throws(AMQPFailure) -> Void
    ) async throws(StepFailure) -> Bool {
        try await visit { visit throws(AMQPFailure) in
            var found: Delivery?
            let tags = try visit.readAll(queue, limit: Self.searchLimit) { next in
                if found == nil, next.parkedID == id { found = next }
            }
            if let found { try body(visit, found) }
            try visit.settle(tags, taking: found?.tag.number)
            return found != nil
        }
    }

    /// Connects, does `body`, and closes, all on the thread that owns the connection.
    private func visit<Result: Sendable>(
        _ body: @Sendable (ParkingVisit) throws(AMQPFailure) -> Result
    ) async throws(StepFailure) -> Result {
        let secret = try await settings.password()
        let outcome: Swift.Result<Result, AMQPFailure> = await thread.run {
            defer { watch.forget() }
            do throws(AMQPFailure) {
                let connection = try connect(secret)
                defer { connection.close() }
                return .success(try body(ParkingVisit(connection, settings: settings)))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let result): return result
        case .failure(let failure):
            guard failure.cause == .reply(ReplyCode.notFound) else { throw StepFailure(failure) }
            throw StepFailure(.permanent, failure.description)
        }
    }

    /// Tries each node once.
    private func connect(_ secret: Secret) throws(AMQPFailure) -> AMQPConnection {
        var failure = AMQPFailure("connect", .trouble("no address"))
        for address in settings.addresses {
            do throws(AMQPFailure) {
                return try AMQPConnection.connect(
                    settings,
                    to: address,
                    secret: secret,
                    watch: watch
                )
            } catch {
                failure = error
            }
        }
        throw failure
    }
}
