import Synchronization

/// Lets something be read once in a while, however often it is asked for.
final class ReadLimit: Sendable {
    private let pause: Duration
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    init(seconds: Double) { pause = .seconds(seconds) }

    /// Whether to read now; false where it was done just before.
    func begin() -> Bool {
        next.withLock { next in
            let now = ContinuousClock.now
            if let next, now < next { return false }
            next = now + pause
            return true
        }
    }
}
