import CRabbitMQ
import RekeyPorts

/// Publishes over one connection, with confirms, up to a window.
final class PublishLink: Link {
    struct Context: Sendable {
        let settings: RabbitMQSettings
        let topology: Topology
        let mailbox: LinkMailbox<PublishCommand>
        let status: LinkStatus
        let missing = MissingExchanges()
    }

    /// One publication's place in the request that asked for it.
    struct Slot {
        let request: OpenRequest
        let index: Int
    }

    let context: Context
    private let watch: CallWatch
    private let writer: PublicationWriter
    private var routes: KnownRoutes
    var reader = MessageReader(bodyByteLimit: 0)
    var window = ConfirmWindow<Slot>()
    /// Not written yet, from `nextWaiting` on.
    private var waiting: [Slot] = []
    private var nextWaiting = 0
    /// When to declare again; set when an event came back that one of our own bindings should have
    /// led to its queue.
    private var repairAt: ContinuousClock.Instant?
    /// So long a deletion may still be under way, and what is made anew meanwhile goes with it.
    private static let repairPause = Duration.seconds(1)
    private var isReady = false
    private var isBlocked = false
    private var stopDeadline: ContinuousClock.Instant?
    private var isConsuming = true

    init(_ context: Context, watch: CallWatch) {
        self.context = context
        self.watch = watch
        writer = PublicationWriter(guards: context.settings.guards)
        routes = KnownRoutes(context.topology)
    }

    func serve(_ connection: AMQPConnection) -> LinkEnd {
        do {
            try prepare(connection)
            let heartbeat = max(connection.heartbeatSeconds, 1)
            while true {
                watch.enter()
                if context.settings.guards.readsBeforePublishing { try drain(connection) }
                obeyCommands()
                try repairBindings(connection)
                try publish(on: connection)
                if !context.settings.guards.readsBeforePublishing { try drain(connection) }
                try checkDeadlines()
                connection.recycle()
                if isFinished { return .stopped }
                watch.leave()
                guard connection.isDrained, !canPublish else { continue }
                LinkPoll.wait(
                    connection.descriptor,
                    context.mailbox.descriptor,
                    for: pause(heartbeatSeconds: heartbeat)
                )
            }
        } catch {
            context.status.setLost(.publishing, error.description)
            abandon(error)
            return .lost(error, wasReady: isReady)
        }
    }

    private func prepare(_ connection: AMQPConnection) throws(AMQPFailure) {
        let drift = try declaration.declare(on: connection)
        try connection.selectConfirms()
        isReady = true
        context.status.setReady(.publishing, drift: drift)
    }

    private var declaration: TopologyDeclaration {
        TopologyDeclaration(topology: context.topology, guards: context.settings.guards)
    }

    /// Remembers that an event came back, where it is ours to lead it to a queue.
    func noteReturned(exchange: String, routingKey: String) {
        guard context.settings.guards.repairsBindings else { return }
        // What nobody but outsiders may bind comes back whenever there is no such outsider.
        if repairAt == nil, routes.lead(exchange: exchange, routingKey: routingKey) {
            repairAt = .now + Self.repairPause
        }
    }

    /// Declares again what somebody deleted: nobody tells of a binding that is gone.
    private func repairBindings(_ connection: AMQPConnection) throws(AMQPFailure) {
        guard let due = repairAt, !isBlocked, ContinuousClock.now >= due else { return }
        repairAt = nil
        try declaration.declareInMidFlow(on: connection)
        context.status.setReady(.publishing, drift: [])
    }

    private func obeyCommands() {
        for command in context.mailbox.take() {
            switch command {
            case .publish(let request): accept(request)
            case .stop:
                guard stopDeadline == nil else { continue }
                stopDeadline = ContinuousClock.now + context.settings.drainTimeout
            case .consumersEnded: isConsuming = false
            }
        }
    }

    private func accept(_ request: PublishRequest) {
        let open = OpenRequest(request)
        for (index, publication) in request.publications.enumerated() {
            if let reason = refusal(of: publication) {
                open.answer(index, .unpublishable(reason))
            } else if context.missing.contains(publication.exchange) {
                open.answer(index, .refused("404 NOT_FOUND exchange \(publication.exchange)"))
            } else if waiting.count - nextWaiting >= context.settings.pendingLimit {
                open.answer(index, .refused("too many publications wait already"))
            } else {
                waiting.append(Slot(request: open, index: index))
            }
        }
    }

    /// Why the broker would close the channel, under all others, for this one.
    private func refusal(of publication: Publication) -> String? {
        let settings = context.settings
        if let user = publication.properties.userID, user != settings.user {
            return "user-id \(user) is not who publishes"
        }
        return PublicationWriter.refusal(of: publication, guards: settings.guards)
    }

    private var canPublish: Bool {
        !isBlocked && nextWaiting < waiting.count && window.count < context.settings.confirmWindow
            && window.byteCount < context.settings.confirmWindowByteCount
    }

    private func publish(on connection: AMQPConnection) throws(AMQPFailure) {
        guard canPublish else { return }
        try connection.together { () throws(AMQPFailure) in try writeWaiting(on: connection) }
    }

    private func writeWaiting(on connection: AMQPConnection) throws(AMQPFailure) {
        let now = ContinuousClock.now
        while canPublish {
            let slot = waiting[nextWaiting]
            let publication = slot.request.request.publications[slot.index]
            nextWaiting += 1
            // Before the write: where that fails, it may have taken effect.
            window.append(
                slot,
                messageID: publication.properties.messageID,
                exchange: publication.exchange,
                routingKey: publication.routingKey,
                byteCount: publication.body.count,
                at: now
            )
            let isMandatory =
                publication.mustArrive
                || routes.lead(exchange: publication.exchange, routingKey: publication.routingKey)
            try writer.write(publication, isMandatory: isMandatory, on: connection)
        }
        if nextWaiting == waiting.count || nextWaiting >= 1_024 {
            waiting.removeFirst(nextWaiting)
            nextWaiting = 0
        }
    }
}

extension PublishLink {
    func setBlocked(_ reason: String?) {
        isBlocked = reason != nil
        watch.setBlocked(isBlocked)
        context.status.setBlocked(reason)
        // The broker promises no bound for a confirm; the time of the alarm does not count.
        if !isBlocked { window.restartClock(at: .now) }
    }

    private func checkDeadlines() throws(AMQPFailure) {
        let now = ContinuousClock.now
        let settings = context.settings
        let counts = !isBlocked || !settings.guards.pausesTimeoutsWhileBlocked
        if counts, let oldest = window.oldest, oldest.duration(to: now) > settings.confirmTimeout {
            throw AMQPFailure("basic.publish", .trouble("no confirm in time"))
        }
        guard isBlocked, nextWaiting < waiting.count else { return }
        let due = waiting[nextWaiting...].prefix {
            $0.request.request.since.duration(to: now) > settings.publishWait
        }
        for slot in due { slot.request.answer(slot.index, .refused("connection.blocked")) }
        nextWaiting += due.count
    }

    private func pause(heartbeatSeconds: Int) -> Duration {
        var pause = Duration.milliseconds(heartbeatSeconds * 500)
        let now = ContinuousClock.now
        if let stopDeadline { pause = min(pause, now.duration(to: stopDeadline)) }
        if let repairAt, !isBlocked { pause = min(pause, now.duration(to: repairAt)) }
        if !isBlocked, let oldest = window.oldest {
            pause = min(pause, now.duration(to: oldest + context.settings.confirmTimeout))
        }
        if isBlocked, nextWaiting < waiting.count { pause = min(pause, .seconds(1)) }
        return max(pause, .milliseconds(1))
    }

    private var isFinished: Bool {
        guard let stopDeadline else { return false }
        if ContinuousClock.now >= stopDeadline {
            abandon(AMQPFailure("basic.publish", .trouble("stopped")))
            return true
        }
        return !isConsuming && window.count == 0 && nextWaiting == waiting.count
    }

    /// Nobody knows what became of what was written; the rest was not written, and waits no more.
    private func abandon(_ failure: AMQPFailure) {
        let gone = failure.missingExchange
        if let gone { context.missing.insert(gone) }
        window.abandon { entry in
            let outcome: PublishOutcome =
                entry.exchange == gone
                ? .refused("404 NOT_FOUND exchange \(entry.exchange)")
                : .unknown(failure.description)
            entry.slot.request.answer(entry.slot.index, outcome)
        }
        for slot in waiting[nextWaiting...] {
            slot.request.answer(slot.index, .unknown(failure.description))
        }
        waiting = []
        nextWaiting = 0
    }
}

extension AMQPFailure {
    /// The exchange whose absence closed the channel.
    var missingExchange: String? {
        cause == .reply(ReplyCode.notFound) && call == "channel.close" ? subject : nil
    }
}
