import Foundation
import InMemoryBroker

/// How far a run is, across its workers.
struct ConductorState: Sendable {
    var lives = 0
    var waits = 0
    var counts: [String: Int] = [:]
    var requests = 1
    var resumes = 0
    var farewell = ""
    /// Since when nothing is left to do.
    var quietSince: Date?
    var wasRepeated = false
    /// Whether the configuration has changed.
    var isReconfigured = false
    /// The worker's own, and when it was last cut.
    var connection: InMemoryBroker?
    var connectionLostAt: Date?

    static let livesLimit = 12
    static let waitsLimit = 2_000
    static let requestsLimit = 3
    static let resumesLimit = 3
}
