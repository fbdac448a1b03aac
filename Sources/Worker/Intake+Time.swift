import Foundation
import RekeyCore
import RekeyPorts

// What came too late to be known again.
extension Intake {
    /// How far a publisher's clock may be ahead of this one.
    static let clockSkewSeconds: Double = 86_400

    /// Throws where an event may be older than the ids that are remembered: it may have been taken
    /// once and forgotten since, and would be taken anew.
    ///
    /// A hint is free, since it only has the vault looked at. What never was parked and names no
    /// time comes straight from its publisher.
    func checkTime(of event: CloudEvent, _ delivery: Delivery) throws(EventFailure) {
        guard event.type != .secretNearExpiry else { return }
        let named = event.time == .distantPast ? nil : event.time
        guard let time = named ?? firstParkedAt(delivery) else {
            guard delivery.exchange.isEmpty else { return }
            throw .outOfTime("a replayed event has to name its time")
        }
        let now = clock.now
        let oldest = now - settings.rememberSeconds
        guard time >= oldest else {
            throw .outOfTime("ids are remembered since \(Timestamp.text(oldest))")
        }
        guard time <= now + Self.clockSkewSeconds else {
            throw .outOfTime("its time is to come")
        }
    }

    /// When Rekey first parked what is replayed; nil where nobody of ours says so.
    func firstParkedAt(_ delivery: Delivery) -> Date? {
        guard isOwnReplay(delivery) else { return nil }
        let text = delivery.properties.headers[EventProperties.parkedAtHeader]
        return text.flatMap(Timestamp.date)
    }
}
