import Foundation
import Logging
import ServiceLifecycle

/// Event Grid: validates subscriptions, watches for expiry, and delivers at least once.
struct EventPublisher: Service {
    static let tick = Duration.milliseconds(200)
    /// How long a subscription whose receiver did not agree waits for the next try.
    static let validationInterval = Duration.seconds(1)
    /// Seconds between attempts, times the setting `eventTimeScale`; the last one repeats.
    static let waits = [10.0, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200]
    static let attemptLimit = 30
    static let lifetimeSeconds = 86_400.0
    static let successes: Set<Int> = [200, 201, 202, 203, 204]
    /// Answers after which Event Grid does not try again.
    static let final: Set<Int> = [400, 401, 403, 413]

    let standIn: StandIn
    let webhook: Webhook
    let logger: Logger

    /// Looks for what is due until the stand-in ends.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var nextValidation = ContinuousClock.now
            while !Task.isCancelled {
                if ContinuousClock.now >= nextValidation {
                    await validateSubscriptions()
                    nextValidation = ContinuousClock.now + EventPublisher.validationInterval
                }
                for event in await standIn.change({ DueEvents.take(from: &$0) }) {
                    await standIn.perform(.publish(event.event, to: event.subscription))
                }
                // Ending is no failure.
                try? await Task.sleep(for: EventPublisher.tick)
            }
        }
    }

    private func validateSubscriptions() async {
        let waiting = await standIn.read { world in
            world.subscriptions.filter { $0.state != .succeeded }
        }
        for subscription in waiting {
            let isValid = await webhook.validate(subscription)
            await standIn.change { world in
                guard
                    let index = world.subscriptions.firstIndex(where: {
                        $0.validationCode == subscription.validationCode
                    })
                else { return }
                world.subscriptions[index].attempts += 1
                world.subscriptions[index].state = isValid ? .succeeded : .awaitingManualAction
            }
        }
    }

    /// Gives an event to one subscription, or to every one that takes it.
    func publish(_ event: VaultEvent, to name: String?) async {
        let receivers = await standIn.read { world in
            world.subscriptions.filter { $0.takes(event) && (name == nil || name == $0.name) }
        }
        await withDiscardingTaskGroup { group in
            for receiver in receivers {
                group.addTask { await deliver(event, to: receiver) }
            }
        }
    }

    private func deliver(_ event: VaultEvent, to subscription: EventSubscription) async {
        let delivery = EventDelivery(
            id: UUID().uuidString.lowercased(),
            subscription: subscription.name,
            event: event
        )
        await standIn.change { $0.deliveries.append(delivery) }
        var outcome = EventDelivery.Outcome.dropped
        var waited = 0.0
        for attempt in 0..<EventPublisher.attemptLimit where !Task.isCancelled {
            let status = await webhook.send(event, to: subscription, attempt: attempt)
            await standIn.change { world in
                world.deliveries.update(delivery.id) { $0.statuses.append(status) }
            }
            if EventPublisher.successes.contains(status) {
                outcome = .delivered
                break
            }
            if EventPublisher.final.contains(status) { break }
            let wait = EventPublisher.waits[min(attempt, EventPublisher.waits.count - 1)]
            waited += wait
            guard waited <= EventPublisher.lifetimeSeconds else { break }
            let scale = await standIn.read { $0.settings.eventTimeScale }
            // Ending is no failure: the loop sees it.
            try? await Task.sleep(for: .seconds(wait * scale))
        }
        await finish(delivery, outcome)
    }

    private func finish(_ delivery: EventDelivery, _ outcome: EventDelivery.Outcome) async {
        await standIn.change { world in
            world.deliveries.update(delivery.id) { $0.outcome = outcome }
        }
        do {
            try await standIn.note(
                api: "events",
                operation: "deliver",
                [
                    "kind": outcome == .delivered ? "eventDelivered" : "eventDropped",
                    "subscription": .string(delivery.subscription),
                    "event": .string(delivery.event.id),
                    "type": .string(delivery.event.kind.rawValue),
                    "name": .string(delivery.event.name),
                    "version": .string(delivery.event.version),
                ],
                vault: delivery.event.vault
            )
        } catch {
            logger.error("The change log cannot be written")
        }
    }
}

extension [EventDelivery] {
    /// Changes one delivery, most likely a late one.
    fileprivate mutating func update(_ id: String, _ body: (inout EventDelivery) -> Void) {
        if let index = lastIndex(where: { $0.id == id }) { body(&self[index]) }
    }
}
