package import RekeyCore
package import RekeyPorts
import Synchronization

/// A RabbitMQ broker over librabbitmq: one connection to consume, another to publish.
///
/// Two, since a broker with an alarm stops reading a publishing connection, acknowledgements
/// included (trap 7 of deploy/rabbitmq/README.md). Each has a thread of its own. A broker object
/// runs once; `deliveries` has one reader.
package final class RabbitMQBroker: Broker {
    package let deliveries: AsyncStream<Delivery>

    private let settings: RabbitMQSettings
    private let subscriptions: [Subscription]
    private let status = LinkStatus()
    private let consumeMailbox = LinkMailbox<ConsumeCommand>()
    private let publishMailbox = LinkMailbox<PublishCommand>()
    private let consumeKeeper: LinkKeeper?
    private let publishKeeper: LinkKeeper
    private let feed: AsyncStream<Delivery>.Continuation
    private let firstReady: AsyncStream<Void>
    private let phase = Mutex(Phase.new)

    private enum Phase { case new, running, ended }

    /// Takes what is needed later; it connects when it runs.
    ///
    /// `ownerQueue` is an exclusive queue that is declared before anything else: while another
    /// worker holds it, `run` throws. Without it and without subscriptions nothing is consumed,
    /// and there is one connection only. What is published before `run` waits for it.
    package init(
        settings: RabbitMQSettings,
        topology: Topology,
        subscriptions: [Subscription] = [],
        ownerQueue: String? = nil
    ) {
        self.settings = settings
        self.subscriptions = subscriptions
        let (deliveries, feed) = AsyncStream.makeStream(of: Delivery.self)
        let (firstReady, ready) = AsyncStream.makeStream(of: Void.self)
        (self.deliveries, self.feed, self.firstReady) = (deliveries, feed, firstReady)
        let (status, publishMailbox) = (self.status, self.publishMailbox)
        let isConsuming = !subscriptions.isEmpty || ownerQueue != nil
        if isConsuming {
            let context = ConsumeLink.Context(
                settings: settings,
                topology: topology,
                subscriptions: subscriptions,
                ownerQueue: ownerQueue,
                mailbox: consumeMailbox,
                status: status,
                deliver: { batch in for delivery in batch { feed.yield(delivery) } },
                noteStopped: { feed.finish() },
                noteReady: { ready.finish() }
            )
            consumeKeeper = LinkKeeper(.consuming, settings: settings, status: status) {
                ConsumeLink(context, number: $0, watch: $1)
            }
        } else {
            ready.finish()
            consumeKeeper = nil
        }
        let context = PublishLink.Context(
            settings: settings,
            topology: topology,
            mailbox: publishMailbox,
            status: status
        )
        let wait = settings.publishWait
        publishKeeper = LinkKeeper(
            .publishing,
            settings: settings,
            status: status,
            whileLost: { Self.expire(publishMailbox, status: status, after: wait) },
            makeLink: { PublishLink(context, watch: $1) }
        )
    }

    package var state: BrokerState { status.state }

    package func run() async throws(StepFailure) {
        let wasNew = phase.withLock { phase in
            defer { phase = .running }
            return phase == .new
        }
        precondition(wasNew, "A broker object runs once.")
        let failure = await withTaskCancellationHandler {
            await runLinks()
        } onCancel: {
            stop()
        }
        phase.withLock { $0 = .ended }
        feed.finish()
        _ = consumeMailbox.shut()
        for case .publish(let request) in publishMailbox.shut() {
            request.answerAll(.unknown("the connection has ended"))
        }
        status.setLost(.consuming, nil)
        status.setLost(.publishing, failure?.reason)
        if let failure { throw failure }
    }

    package func acknowledge(_ tags: [Delivery.Tag]) async {
        guard !tags.isEmpty else { return }
        // Without a connection the tags are void, and the deliveries come again.
        _ = consumeMailbox.post(.acknowledge(tags))
    }

    package func reject(_ tag: Delivery.Tag) async {
        _ = consumeMailbox.post(.reject(tag))
    }

    package func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        guard !publications.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let request = PublishRequest(
                publications: publications,
                since: .now,
                continuation: continuation
            )
            if !publishMailbox.post(.publish(request)) {
                request.answerAll(.unknown("the connection has ended"))
            }
        }
    }
}

extension RabbitMQBroker {
    /// How often calls into the library are checked for their duration.
    private static let watchInterval = Duration.seconds(1)

    /// Runs both connections and their watchdog; returns the failure that ended them.
    private func runLinks() async -> StepFailure? {
        await withTaskGroup(of: StepFailure?.self) { group in
            group.addTask { await self.keepConsuming() }
            group.addTask { await self.keepPublishing() }
            group.addTask { await self.watchCalls() }
            var failure: StepFailure?
            var running = 2
            while running > 0, let ended = await group.next() {
                running -= 1
                guard let ended, failure == nil else { continue }
                failure = ended
                stop()
                group.cancelAll()
            }
            group.cancelAll()
            return failure
        }
    }

    private func keepConsuming() async -> StepFailure? {
        defer { _ = publishMailbox.post(.consumersEnded) }
        guard let consumeKeeper else { return nil }
        do throws(StepFailure) {
            try await consumeKeeper.run()
            return nil
        } catch {
            return error
        }
    }

    /// Begins when the consuming connection is ready the first time: all queues, or none.
    private func keepPublishing() async -> StepFailure? {
        await awaitFirstReady()
        do throws(StepFailure) {
            try await publishKeeper.run()
            return nil
        } catch {
            return error
        }
    }

    private func awaitFirstReady() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [firstReady] in for await _ in firstReady {} }
            group.addTask { [publishMailbox, status, wait = settings.publishWait] in
                while !Task.isCancelled {
                    Self.expire(publishMailbox, status: status, after: wait)
                    // Cancellation ends the sleep, and the loop.
                    try? await Task.sleep(for: .milliseconds(250))
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func watchCalls() async -> StepFailure? {
        while !Task.isCancelled {
            consumeKeeper?.checkCalls()
            publishKeeper.checkCalls()
            // Cancellation ends the sleep, and the loop.
            try? await Task.sleep(for: Self.watchInterval)
        }
        return nil
    }

    private func stop() {
        _ = consumeMailbox.post(.stop)
        _ = publishMailbox.post(.stop)
    }

    /// Answers what has waited too long for a connection.
    private static func expire(
        _ mailbox: LinkMailbox<PublishCommand>,
        status: LinkStatus,
        after wait: Duration
    ) {
        let now = ContinuousClock.now
        let due = mailbox.take { command in
            guard case .publish(let request) = command else { return false }
            return request.since.duration(to: now) >= wait
        }
        guard !due.isEmpty else { return }
        let reason = status.state.lastFailure ?? "there is no connection"
        for case .publish(let request) in due { request.answerAll(.unknown(reason)) }
    }
}
