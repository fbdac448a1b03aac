/// The worker's limits.
package struct WorkerSettings: Equatable, Sendable {
    package static let rotationsInFlightLimits = 1...10_000
    package static let adoptionsPerSweepLimits = 1...10_000

    package var rotationsInFlight = 256
    package var sweepSeconds: Double = 300
    /// How long ids keep duplicates out; an event of an earlier time is parked.
    package var rememberSeconds: Double = 90 * 86_400
    /// How long a rotation stays with a worker that has stopped, before another takes it over.
    package var claimSeconds: Double = 120
    /// How many that were due when first seen are released at a time.
    package var adoptionsPerSweep = 10
    /// How often each worker may write a vault in ten seconds; Key Vault takes 300 (azure.md §2)
    /// of all of them together.
    package var vaultWritesPerTenSeconds = 300
    /// Where health, readiness and metrics are served.
    package var listen: ListenAddress?
}

/// An address of this machine, and a port.
package struct ListenAddress: Equatable, Sendable {
    package var host: String
    package var port: Int
}

/// How the program logs.
package struct LogSettings: Equatable, Sendable {
    package enum Form: String, Sendable, CaseIterable { case plain, json }
    package enum Level: String, Sendable, CaseIterable { case debug, info, warning, error }

    package var form = Form.plain
    package var level = Level.info
}
