import CRabbitMQ
import RekeyPorts

/// What a reader of deliveries asks of the consuming connection.
enum ConsumeCommand: Sendable {
    case acknowledge([Delivery.Tag])
    case reject(Delivery.Tag)
    case stop
}

/// Consumes the subscriptions over one connection, and acknowledges on it.
final class ConsumeLink: Link {
    struct Context: Sendable {
        let settings: RabbitMQSettings
        let topology: Topology
        let subscriptions: [Subscription]
        let ownerQueue: String?
        let mailbox: LinkMailbox<ConsumeCommand>
        let status: LinkStatus
        let deliver: @Sendable ([Delivery]) -> Void
        /// Called once nothing more will be delivered, because of a stop.
        let noteStopped: @Sendable () -> Void
        /// Called once everything is declared and consumed.
        let noteReady: @Sendable () -> Void
    }

    let context: Context
    private let number: UInt64
    private let watch: CallWatch
    var reader = MessageReader()
    /// Handed to the reader and not settled.
    var outstanding: Set<UInt64> = []
    var urgent: [Delivery] = []
    var routine: [Delivery] = []
    var quarantine = Quarantine()
    var exchanges = RecentText()
    var routingKeys = RecentText()
    /// Consumers that the broker cancelled.
    private var cancelled: Set<Int> = []
    /// Subscriptions of which one delivery comes at a time (`Quarantine`).
    var narrowed: Set<Int> = []
    private var revival = Backoff(first: .milliseconds(200), last: .seconds(30))
    private var reviveAt = ContinuousClock.now
    private var stopDeadline: ContinuousClock.Instant?
    private var isReady = false

    init(_ context: Context, number: UInt64, watch: CallWatch) {
        self.context = context
        self.number = number
        self.watch = watch
    }

    func serve(_ connection: AMQPConnection) -> LinkEnd {
        do {
            try prepare(connection)
            let heartbeat = max(connection.heartbeatSeconds, 1)
            while true {
                watch.enter()
                try drain(connection)
                try obeyCommands(connection)
                try settleQuarantine(connection)
                try revive(connection)
                handOver()
                connection.recycle()
                if isFinished { return .stopped }
                watch.leave()
                guard connection.isDrained else { continue }
                LinkPoll.wait(
                    connection.descriptor,
                    context.mailbox.descriptor,
                    for: pause(heartbeatSeconds: heartbeat)
                )
            }
        } catch {
            context.status.setLost(.consuming, error.description)
            return .lost(error, wasReady: isReady)
        }
    }

    private func prepare(_ connection: AMQPConnection) throws(AMQPFailure) {
        if let owner = context.ownerQueue { try claim(owner, on: connection) }
        let drift = try declaration.declare(on: connection)
        narrowAll()
        try consumeAll(connection)
        isReady = true
        context.status.setReady(.consuming, drift: drift)
        context.noteReady()
    }

    private var declaration: TopologyDeclaration {
        TopologyDeclaration(topology: context.topology, guards: context.settings.guards)
    }

    /// An exclusive queue ends with its connection, so that whoever holds it is the only one.
    private func claim(_ owner: String, on connection: AMQPConnection) throws(AMQPFailure) {
        do {
            try connection.declare(queue: owner, isExclusive: true)
        } catch {
            guard error.isHeldQueue else { throw error }
            throw AMQPFailure(error.call, error.cause, at: "another worker holds \(owner)")
        }
    }

    /// Consumes what the broker has not cancelled: that is revived, whose queue may be gone.
    ///
    /// To consume twice under one tag ends the channel (530), as a missing queue does (404).
    func consumeAll(_ connection: AMQPConnection) throws(AMQPFailure) {
        for (index, subscription) in context.subscriptions.enumerated()
        where !cancelled.contains(index) {
            try consume(subscription, index, connection)
        }
    }

    private func consume(
        _ subscription: Subscription,
        _ index: Int,
        _ connection: AMQPConnection
    ) throws(AMQPFailure) {
        let prefetch = narrowed.contains(index) ? 1 : subscription.prefetch
        try connection.limit(prefetch: prefetch)
        try connection.consume(queue: subscription.queue, tag: tag(of: index))
    }

    /// RabbitMQ ends the connection (541) where a tag is consumed anew while a delivery under it is
    /// unsettled, so that a queue has one for each way of consuming it.
    private func tag(of index: Int) -> String {
        String(narrowed.contains(index) ? index + context.subscriptions.count : index)
    }

    /// The subscription of a consumer's tag.
    func subscription(ofTag number: Int) -> Int? {
        let count = context.subscriptions.count
        return number < 2 * count ? number % count : nil
    }

    /// Has a queue deliver as many at a time as it may, since none that waits there is a suspect.
    func widen(_ index: Int, on connection: AMQPConnection) throws(AMQPFailure) {
        guard narrowed.contains(index), !cancelled.contains(index), !isStopping else { return }
        try connection.cancel(tag: tag(of: index))
        narrowed.remove(index)
        try consume(context.subscriptions[index], index, connection)
    }

    func cancelAll(_ connection: AMQPConnection) throws(AMQPFailure) {
        for index in context.subscriptions.indices where !cancelled.contains(index) {
            try connection.cancel(tag: tag(of: index))
        }
    }

    private func pause(heartbeatSeconds: Int) -> Duration {
        var pause = Duration.milliseconds(heartbeatSeconds * 500)
        let now = ContinuousClock.now
        if !cancelled.isEmpty { pause = min(pause, now.duration(to: reviveAt)) }
        if let stopDeadline { pause = min(pause, now.duration(to: stopDeadline)) }
        return max(pause, .zero)
    }

    var isStopping: Bool { stopDeadline != nil }

    private var isFinished: Bool {
        guard let stopDeadline else { return false }
        return outstanding.isEmpty || ContinuousClock.now >= stopDeadline
    }
}

extension ConsumeLink {
    private func obeyCommands(_ connection: AMQPConnection) throws(AMQPFailure) {
        var settled: [UInt64] = []
        for command in context.mailbox.take() {
            switch command {
            case .acknowledge(let tags):
                settled += tags.filter(isOpen).map(\.number)
            case .reject(let tag):
                if isOpen(tag) { try connection.reject(tag.number, requeue: false) }
            case .stop:
                try acknowledge(settled, on: connection)
                settled = []
                try stop(connection)
            }
        }
        try acknowledge(settled, on: connection)
    }

    /// Acknowledges with as few frames as it takes: to a quorum queue each is a log entry.
    private func acknowledge(
        _ numbers: [UInt64],
        on connection: AMQPConnection
    ) throws(AMQPFailure) {
        let isExact = context.settings.guards.ignoresVoidTags && !quarantine.isActive
        guard numbers.count > 1, isExact else {
            for number in numbers { try connection.acknowledge(number) }
            return
        }
        // Up to the first that is still in somebody's hands, one frame says it of all.
        let firstOpen = outstanding.min() ?? .max
        if let last = numbers.filter({ $0 < firstOpen }).max() {
            try connection.acknowledge(last, andEarlier: true)
        }
        for number in numbers where number > firstOpen { try connection.acknowledge(number) }
    }

    /// Whether a tag is of this connection and unsettled; it is settled by asking.
    private func isOpen(_ tag: Delivery.Tag) -> Bool {
        guard tag.connection == number else { return false }
        return outstanding.remove(tag.number) != nil || !context.settings.guards.ignoresVoidTags
    }

    /// Stops consuming; what was sent until then still arrives, and can be acknowledged.
    private func stop(_ connection: AMQPConnection) throws(AMQPFailure) {
        guard stopDeadline == nil else { return }
        stopDeadline = ContinuousClock.now + context.settings.drainTimeout
        if !quarantine.isActive { try cancelAll(connection) }
        context.status.setConsuming(false)
        repeat { try drain(connection) } while !connection.isDrained
        handOver()
        context.noteStopped()
    }

    /// Declares and consumes again what was deleted in mid-flow; the channel goes on.
    private func revive(_ connection: AMQPConnection) throws(AMQPFailure) {
        guard !cancelled.isEmpty, stopDeadline == nil, ContinuousClock.now >= reviveAt else {
            return
        }
        guard !quarantine.isActive else { return }
        try declaration.declareInMidFlow(on: connection)
        for index in cancelled.sorted() {
            try consume(context.subscriptions[index], index, connection)
        }
        cancelled = []
        reviveAt = ContinuousClock.now + revival.next()
        context.status.setReady(.consuming, drift: [])
    }

    /// The broker cancelled a consumer: its queue was deleted, or it lost its leader.
    func noteCancelled(_ tag: Int) {
        guard let index = subscription(ofTag: tag) else { return }
        cancelled.insert(index)
        context.status.setConsuming(false)
    }

    func makeDelivery(
        _ message: MessageReader.Message,
        tag: UInt64,
        queue: String,
        again: Bool
    )
        -> Delivery
    {
        Delivery(
            tag: Delivery.Tag(connection: number, number: tag),
            queue: queue,
            exchange: message.head.exchange,
            routingKey: message.head.routingKey,
            body: message.body,
            properties: message.properties,
            isRedelivered: again,
            // Of a first delivery the header is its publisher's.
            deliveryCount: again ? message.deliveryCount : 0,
            oversize: message.oversize
        )
    }

    /// Gives the reader what has arrived, the urgent first.
    private func handOver() {
        if !urgent.isEmpty {
            context.deliver(urgent)
            urgent.removeAll(keepingCapacity: true)
        }
        if !routine.isEmpty {
            context.deliver(routine)
            routine.removeAll(keepingCapacity: true)
        }
    }
}
