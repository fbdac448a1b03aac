import RealParts
import RekeyWorker

/// Something that happens to a broker while rotations are on their way.
package enum BrokerFault: String, Sendable, CaseIterable {
    case connectionsClosed, memoryAlarm, diskAlarm, queuesDeleted, exchangeDeleted
    case bindingsDeleted, queuesFull, deliveryLimitOne, permissionWithdrawn
    /// Stopped past two heartbeats, as a machine that hangs.
    case paused
    case restarted
    case killed

    /// How long it lasts, where it does.
    var seconds: Double {
        switch self {
        case .connectionsClosed, .queuesDeleted, .exchangeDeleted, .bindingsDeleted: 0
        case .memoryAlarm, .diskAlarm, .queuesFull, .deliveryLimitOne, .permissionWithdrawn: 1.5
        case .paused: 3.5
        case .restarted, .killed: 0
        }
    }

    /// Whether an outside subscriber's own binding goes with it, so that it misses events.
    var losesSubscribers: Bool { self == .exchangeDeleted }

    func begin(_ node: PrivateRabbitMQ, _ place: BrokerPlace) async throws {
        let host = place.virtualHost
        switch self {
        case .connectionsClosed: try await node.closeAllConnections()
        case .memoryAlarm: try await node.setMemoryAlarm(true)
        case .diskAlarm: try await node.setDiskAlarm(true)
        case .queuesDeleted:
            for queue in BrokerPlace.workerQueues where queue != SagaBus.intake {
                try await node.deleteQueue(queue, virtualHost: host)
            }
        case .exchangeDeleted: try await node.deleteExchange(SagaBus.events, virtualHost: host)
        case .bindingsDeleted:
            let count = try await node.deleteBindings(
                from: SagaBus.events,
                toQueues: Self.stepQueues,
                virtualHost: host
            )
            guard count > 0 else { throw PartFailure("there are no bindings") }
        case .queuesFull:
            try await setPolicy(#"{"max-length": 0, "overflow": "reject-publish"}"#, node, place)
        case .deliveryLimitOne: try await setPolicy(#"{"delivery-limit": 1}"#, node, place)
        case .permissionWithdrawn:
            try await node.setPermissions(
                place.user,
                virtualHost: host,
                configure: "",
                write: "",
                read: ""
            )
        case .paused: await node.pause()
        case .restarted: try await node.stop()
        case .killed: try await node.kill()
        }
    }

    func heal(_ node: PrivateRabbitMQ, _ place: BrokerPlace) async throws {
        switch self {
        case .connectionsClosed, .queuesDeleted, .exchangeDeleted, .bindingsDeleted: break
        case .memoryAlarm: try await node.setMemoryAlarm(false)
        case .diskAlarm: try await node.setDiskAlarm(false)
        case .queuesFull, .deliveryLimitOne:
            try await node.clearPolicy(Self.policy, virtualHost: place.virtualHost)
        case .permissionWithdrawn:
            try await node.setPermissions(place.user, virtualHost: place.virtualHost)
        case .paused: await node.resume()
        case .restarted, .killed: try await node.launch()
        }
    }

    private static let policy = "trouble"
    private static let stepQueues = "rekey.step."

    private func setPolicy(
        _ definition: String,
        _ node: PrivateRabbitMQ,
        _ place: BrokerPlace
    ) async throws {
        try await node.setPolicy(
            Self.policy,
            pattern: "^" + Self.stepQueues,
            definition: definition,
            virtualHost: place.virtualHost
        )
    }
}
