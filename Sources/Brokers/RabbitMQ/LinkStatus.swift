import RekeyPorts
import Synchronization

/// How it is with the connections, told by their threads and read by anyone.
final class LinkStatus: Sendable {
    enum Role: Sendable { case consuming, publishing }

    private struct Parts {
        var state = BrokerState()
        var failures: [Role: String] = [:]
    }

    private let parts = Mutex(Parts())

    var state: BrokerState {
        parts.withLock { parts in
            var state = parts.state
            state.lastFailure = parts.failures[.consuming] ?? parts.failures[.publishing]
            return state
        }
    }

    func setReady(_ role: Role, drift: [String]) {
        parts.withLock { parts in
            parts.failures[role] = nil
            parts.state.drift = drift
            switch role {
            case .consuming: parts.state.isConsuming = true
            case .publishing:
                parts.state.isPublishing = true
                parts.state.blockedReason = nil
            }
        }
    }

    func setLost(_ role: Role, _ failure: String?) {
        parts.withLock { parts in
            if let failure { parts.failures[role] = failure }
            switch role {
            case .consuming: parts.state.isConsuming = false
            case .publishing:
                parts.state.isPublishing = false
                parts.state.blockedReason = nil
            }
        }
    }

    func setConsuming(_ flag: Bool) { parts.withLock { $0.state.isConsuming = flag } }

    func setBlocked(_ reason: String?) {
        parts.withLock { $0.state.blockedReason = reason }
    }
}

/// How one connection's life ended.
enum LinkEnd: Sendable {
    /// As asked, after it was drained.
    case stopped
    /// `wasReady` where it had declared everything and did its work for a while.
    case lost(AMQPFailure, wasReady: Bool)
}

/// A connection's loop: it begins with what has to be declared, and goes on until stopped or lost.
protocol Link {
    /// Called on the connection's thread, once.
    func serve(_ connection: AMQPConnection) -> LinkEnd
}
