import RekeyCore

/// Keeps the requests to one host under its limits: two token buckets, and a pause after a 429.
///
/// A bucket holds a thirtieth of the limit and fills at the rate that is left, so that no window of
/// that length sees more than the limit and a busy sender still uses 96 % of it. Who would wait too
/// long is told a time of its own, one after the other at that rate: told the same, thousands would
/// come at once, and all but a few in vain.
///
/// What is urgent (`CallUrgency`) waits for nobody but a pause. Its token is missing to those who
/// come after it: while all that is left was promised to those who wait, each makes the window
/// one fuller than the limit says, and a 429 may follow.
package actor RequestThrottle {
    package struct Limit: Sendable, Equatable {
        package var requests: Int
        package var window: Duration

        package init(requests: Int, window: Duration) {
            precondition(requests > 0 && window > .zero, "a limit allows at least one request")
            self.requests = requests
            self.window = window
        }

        /// Key Vault's, per vault and region: 4,000 reads in 10 s (azure.md §2).
        package static let vaultReads = Limit(requests: 4000, window: .seconds(10))
        /// Key Vault's for new versions: 300 in 10 s (azure.md §2, unverified, hence a setting).
        package static let vaultWrites = Limit(requests: 300, window: .seconds(10))
    }

    /// How long a request waits for its turn at most; one that would wait longer is sent away.
    package static let longestWait = Duration.seconds(5)
    /// How long a 429 without `Retry-After` keeps everybody off the host.
    package static let defaultPause = Duration.seconds(1)

    private var reads: Bucket
    private var writes: Bucket
    private var pausedUntil: ContinuousClock.Instant
    private let clock = ContinuousClock()

    package init(reads: Limit, writes: Limit) {
        let now = clock.now
        self.reads = Bucket(reads, at: now)
        self.writes = Bucket(writes, at: now)
        pausedUntil = now
    }

    /// Returns when the request may be sent, or how many seconds it should stay away.
    package func turn(for effect: RequestEffect) async -> Double? {
        let now = clock.now
        let from = max(now, pausedUntil)
        let latest = now + Self.longestWait
        let isUrgent = CallUrgency.isUrgent
        let start =
            effect == .reads
            ? reads.reserve(from, until: latest, isUrgent: isUrgent)
            : writes.reserve(from, until: latest, isUrgent: isUrgent)
        guard start <= latest else { return now.duration(to: start).seconds }
        guard start > now else { return nil }
        do { try await clock.sleep(until: start) } catch { return 0 }  // Cancelled: not sent.
        return nil
    }

    /// Keeps everybody off the host for as long as it asked.
    package func pause(seconds: Double?) {
        let pause = seconds.map { Duration.seconds($0) } ?? Self.defaultPause
        pausedUntil = max(pausedUntil, clock.now + pause)
    }
}

/// Tokens that fill at a steady rate, reserved ahead of time.
private struct Bucket {
    /// The part of the limit that may be sent at once.
    private static let burstDivisor = 30

    private let secondsPerToken: Double
    private let capacity: Double
    /// When the bucket would be full again if nothing more were taken.
    private var full: ContinuousClock.Instant
    /// When the last of those who were sent away is to come again.
    private var promised: ContinuousClock.Instant

    init(_ limit: RequestThrottle.Limit, at now: ContinuousClock.Instant) {
        let burst = max(1, limit.requests / Self.burstDivisor)
        capacity = Double(burst)
        secondsPerToken = limit.window.seconds / Double(max(1, limit.requests - burst))
        full = now
        promised = now
    }

    /// When the next request may be sent, its token taken; or, where that is later than `latest`,
    /// when to ask again.
    mutating func reserve(
        _ now: ContinuousClock.Instant,
        until latest: ContinuousClock.Instant,
        isUrgent: Bool
    ) -> ContinuousClock.Instant {
        let step = Duration.seconds(secondsPerToken)
        let filled = max(full, now) + step
        if isUrgent {
            if now <= latest { full = filled }
            return now
        }
        let start = max(now, filled - .seconds(secondsPerToken * capacity))
        if start <= latest {
            full = filled
            return start
        }
        promised = max(promised + step, start)
        return promised
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
