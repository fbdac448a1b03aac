import RekeyCore

/// What came of one simulation.
package struct SimulationReport: Sendable, Encodable {
    /// A secret that ended before it was replaced, and why that could not be helped.
    package struct Missed: Sendable, Encodable {
        package let secret: String
        package let day: Int
        package let reasons: [String]
        package let alarms: [String]
    }

    package let seed: UInt64
    package let loss: Double
    package let years: Double
    package let secrets: Int
    package let mistake: String?
    /// Of events, outages, single calls and people.
    package let counts: [String: Int]
    package let rotations: Int
    package let outcomes: [String: Int]
    /// How many began before they were due, by a clock that was ahead.
    package let early: Int
    /// The longest time for which a secret was due, nothing was in the way, and nothing began.
    package let longestDelaySeconds: Int
    package let mostBegunInHour: Int
    package let mostCallsForSecretInHour: Int
    package let alarms: [String: Int]
    /// How often the ledger looked from outside.
    package let looks: Int
    package let missed: [Missed]
    package let violations: Int
    package let firstViolations: [String]
    package let traceDigest: String
    package let traceBytes: Int
    package let traceLines: Int
    package let wallSeconds: Double

    init(_ world: SimulatedWorld, _ wallSeconds: Double) {
        let settings = world.settings
        let found = world.judge.findings
        seed = settings.seed
        loss = settings.loss
        years = settings.years
        secrets = settings.secrets
        mistake = settings.mistake?.rawValue
        counts = world.weather.counts
        rotations = found.begun
        outcomes = found.ends
        early = found.early
        longestDelaySeconds = Int(found.latestSeconds)
        mostBegunInHour = found.mostBegunInHour
        mostCallsForSecretInHour = found.mostCallsInHour
        alarms = found.alarms
        looks = found.looks
        missed = found.missed.map {
            Missed(
                secret: $0.secret.text,
                day: Int($0.at / Day.seconds),
                reasons: $0.reasons,
                alarms: $0.alarms.sorted()
            )
        }
        violations = found.violationCount
        firstViolations = found.violations
        traceDigest = world.trace.digest
        traceBytes = world.trace.byteCount
        traceLines = world.trace.lineCount
        self.wallSeconds = wallSeconds
    }

    /// How many things went wrong by themselves: outages, failing calls, jumps, deaths, mistakes.
    package var faults: Int {
        counts.filter { !$0.key.hasPrefix("events ") || $0.key == "events lost" }
            .reduce(0) { $0 + $1.value }
    }
}
