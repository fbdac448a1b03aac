import CRabbitMQ
import RekeyPorts

/// Declares a topology on a connection, in dependency order, every time.
struct TopologyDeclaration {
    /// The default of RabbitMQ 4, and never -1, which dead-letters at once on 3.10.
    static let deliveryLimit: Int64 = 20
    /// A parked queue has no dead letters: 4.x would drop an event after its default of 20 looks.
    static let parkedDeliveryLimit: Int64 = 1_000_000_000

    /// How long a temporary queue outlives its last consumer.
    static let temporaryQueueMilliseconds: Int64 = 60_000

    let topology: Topology
    let guards: Guards

    /// Returns what exists otherwise than it should: `rekey.step.apply: x-delivery-limit is 5, …`.
    func declare(on connection: AMQPConnection) throws(AMQPFailure) -> [String] {
        var drift: [String] = []
        let parked = topology.queues.filter { $0.deadLetter == nil && !$0.isTemporary }
        let others = topology.queues.filter { $0.deadLetter != nil || $0.isTemporary }
        for queue in parked { try declare(queue, on: connection, drift: &drift) }
        for exchange in topology.exchanges {
            try declare(exchange, on: connection, drift: &drift)
        }
        // What leads to a parked queue comes before the queues that dead-letter that way.
        let parkedNames = Set(parked.map(\.name))
        for binding in topology.bindings where parkedNames.contains(binding.queue) {
            try bind(binding, on: connection)
        }
        for queue in others { try declare(queue, on: connection, drift: &drift) }
        for binding in topology.bindings where !parkedNames.contains(binding.queue) {
            try bind(binding, on: connection)
        }
        return drift
    }

    static func arguments(_ queue: Topology.Queue, guards: Guards) -> [String: AMQPTable.Value] {
        guard !queue.isTemporary else {
            // A classic one cannot be declared anew while the node is down that it was made on.
            return [
                "x-queue-type": .text(queue.isReplicated ? "quorum" : "classic"),
                "x-expires": .integer(temporaryQueueMilliseconds),
            ]
        }
        var arguments: [String: AMQPTable.Value] = [
            "x-queue-type": .text("quorum"),
            "x-overflow": .text("reject-publish"),
            "x-delivery-limit": .integer(parkedDeliveryLimit),
        ]
        if let deadLetter = queue.deadLetter {
            arguments["x-delivery-limit"] = guards.deliveryLimit
            arguments["x-dead-letter-exchange"] = .text(deadLetter.exchange)
            arguments["x-dead-letter-routing-key"] = .text(deadLetter.routingKey)
            if guards.deadLettersAtLeastOnce {
                arguments["x-dead-letter-strategy"] = .text("at-least-once")
            }
        }
        return arguments
    }

    /// The same in mid-flow, where a channel that was opened anew would have lost its consumers,
    /// its mode and the numbers of its deliveries: then the connection is begun anew.
    func declareInMidFlow(on connection: AMQPConnection) throws(AMQPFailure) {
        guard try declare(on: connection).isEmpty else {
            throw AMQPFailure("queue.declare", .trouble("the topology differs: connecting anew"))
        }
    }

    private func declare(
        _ queue: Topology.Queue,
        on connection: AMQPConnection,
        drift: inout [String]
    ) throws(AMQPFailure) {
        do {
            try connection.declare(
                queue: queue.name,
                arguments: Self.arguments(queue, guards: guards)
            )
        } catch {
            guard case .reply(ReplyCode.preconditionFailed) = error.cause else { throw error }
            // It exists, and differs: use it as it is, and say so, instead of failing for ever.
            try connection.reopenChannel()
            try connection.declare(queue: queue.name, isPassive: true)
            drift.append("\(queue.name): \(error.subject ?? "arguments")")
        }
    }

    private func declare(
        _ exchange: Topology.Exchange,
        on connection: AMQPConnection,
        drift: inout [String]
    ) throws(AMQPFailure) {
        do {
            try connection.declare(exchange: exchange.name, kind: exchange.kind.rawValue)
        } catch {
            guard case .reply(ReplyCode.preconditionFailed) = error.cause else { throw error }
            try connection.reopenChannel()
            try connection.declare(
                exchange: exchange.name,
                kind: exchange.kind.rawValue,
                isPassive: true
            )
            drift.append("\(exchange.name): \(error.subject ?? "arguments")")
        }
    }

    private func bind(
        _ binding: Topology.Binding,
        on connection: AMQPConnection
    )
        throws(AMQPFailure)
    {
        try connection.bind(
            queue: binding.queue,
            to: binding.exchange,
            routingKey: binding.routingKey
        )
    }
}
