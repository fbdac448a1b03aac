import RekeyCore

/// When to connect again, and when to give up.
struct ReconnectCourse {
    /// A connection that lasted this long starts the pauses over.
    private static let settled = Duration.seconds(10)

    private let settings: RabbitMQSettings
    private let began = ContinuousClock.now
    private var backoff: Backoff
    private var refusedSince: ContinuousClock.Instant?
    private(set) var hasBeenReady = false
    private(set) var addresses: [RabbitMQSettings.Address]

    init(_ settings: RabbitMQSettings) {
        self.settings = settings
        addresses = settings.addresses
        backoff = Backoff(first: settings.firstBackoff, last: settings.lastBackoff)
    }

    /// The next round begins with the next node.
    mutating func rotate() { addresses.append(addresses.removeFirst()) }

    mutating func noteReady(lasting duration: Duration) {
        hasBeenReady = true
        refusedSince = nil
        if duration >= Self.settled { backoff.reset() }
    }

    /// How long to wait; throws where waiting is of no use.
    mutating func pause(after failure: AMQPFailure) throws(StepFailure) -> Duration {
        let now = ContinuousClock.now
        guard failure.isRefusal else {
            refusedSince = nil
            if !hasBeenReady, let deadline = settings.connectDeadline,
                began.duration(to: now) >= deadline
            {
                throw StepFailure(failure)
            }
            return backoff.next()
        }
        let since = refusedSince ?? now
        refusedSince = since
        let isHeld = failure.isHeldQueue
        let patience =
            hasBeenReady ? settings.refusalPatience : isHeld ? settings.ownerPatience : .zero
        guard since.duration(to: now) < patience else { throw StepFailure(failure) }
        return hasBeenReady ? max(settings.refusalBackoff, backoff.next()) : backoff.next()
    }
}

extension AMQPFailure {
    /// Somebody else has the owner's queue: perhaps only what is left of our own connection.
    var isHeldQueue: Bool { cause == .reply(ReplyCode.resourceLocked) }
}
