import Logging
import RekeyCore
import RekeyPorts
import RekeyTelemetry

// What nobody can take, and where it goes.
extension Intake {
    /// Publishes a copy with the reason beside it, then acknowledges; else the broker parks it.
    func park(_ delivery: Delivery, _ failure: EventFailure) async {
        var properties = delivery.properties
        properties.setFirstUser(firstUser(of: delivery), publishedBy: settings.brokerUser)
        properties.messageID = delivery.parkedID
        properties.headers["rekey-parked-reason"] = "\(failure)"
        properties.headers["rekey-parked-from"] = delivery.queue
        let parkedAt = firstParkedAt(delivery) ?? clock.now
        properties.headers[EventProperties.parkedAtHeader] = Timestamp.text(parkedAt)
        let copy = Publication(
            exchange: SagaBus.dead,
            routingKey: delivery.queue,
            body: delivery.body,
            properties: properties
        )
        note(delivery, failure)
        if await broker.publish([copy]) == [.confirmed] {
            await broker.acknowledge([delivery.tag])
        } else {
            await broker.reject(delivery.tag)
        }
    }

    /// Has the broker park what is longer than an event may be: the whole of it is there only.
    func refuse(_ delivery: Delivery, _ size: Int) async {
        note(delivery, .tooLarge(size))
        await broker.reject(delivery.tag)
    }

    /// A name that each process makes for itself is no label.
    func label(of queue: String) -> String {
        sideQueues[queue] == nil ? queue : SiteAnswer.queue
    }

    private func note(_ delivery: Delivery, _ failure: EventFailure) {
        let queue = label(of: delivery.queue)
        Measure.count(.parked, ["queue": queue])
        logger.error(
            "an event was parked",
            metadata: ["broker.queue": "\(queue)", "failure.reason": "\(failure)"]
        )
    }
}
