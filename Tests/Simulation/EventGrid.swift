import Foundation
import InMemoryBroker
import RekeyCore
import RekeyPorts
import RekeyWorker

// The near-expiry events of the vaults, as unreliable as they are.
extension SimulatedWorld {
    /// Tells of a version thirty days before its end, if it is current then; or never, several
    /// times, or days late.
    func announce(_ id: VersionID, of place: SecretReference, ending end: Date) {
        let seconds = max(end.timeIntervalSince(clock.truth) - Self.noticeSeconds, 60)
        guard clock.elapsed + seconds < settings.endSeconds else { return }
        let (isLost, delays) = draw { choice in
            let isLost = choice.chance(self.settings.loss)
            let copies = Int(choice.pick([(0.7, 1...1), (0.2, 2...2), (0.1, 3...5)]))
            let delays = (0..<copies).map { _ in
                choice.pick([(0.8, 0...600), (0.15, 600...86_400), (0.05, 86_400...1_000_000)])
            }
            return (isLost, delays)
        }
        after(seconds) {
            guard self.secret(of: place)?.latest(of: place)?.id == id else { return }
            self.weather.count("events due")
            guard !isLost else { return self.weather.count("events lost") }
            self.weather.count("events doubled", delays.count - 1)
            self.weather.count("events late", delays.count { $0 > 600 })
            for (number, delay) in delays.enumerated() {
                self.after(delay) { await self.tell(of: id, place, copy: number, tries: 24) }
            }
        }
    }

    private func tell(of id: VersionID, _ place: SecretReference, copy: Int, tries: Int) async {
        var content = EventContent()
        content.vault = SecretMaker.host(of: place.vault)
        content.name = place.name.text
        content.version = id.text
        let isTold = await publish(
            .secretNearExpiry,
            "near-expiry-\(place.vault)-\(id)-\(copy)",
            content,
            by: Self.gatewayUser
        )
        if isTold { return weather.count("events told") }
        // Event Grid tries for a day.
        guard tries > 0 else { return weather.count("events given up") }
        after(3_600) { await self.tell(of: id, place, copy: copy, tries: tries - 1) }
    }

    /// Publishes for somebody outside; false where the broker does not take it.
    func publish(
        _ type: EventType,
        _ id: String,
        _ content: EventContent,
        by user: String
    ) async -> Bool {
        guard !weather.isDown("broker") else { return false }
        let event = CloudEvent(
            id: EventID(id),
            source: "outside",
            type: type,
            time: clock.truth,
            content: content
        )
        note("\(type) \(id)")
        let outcome = await outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: type.routingKey,
                body: event.encoded(),
                properties: EventProperties(messageID: id, type: type.name, userID: user)
            )
        ])
        return outcome == [.confirmed]
    }

    private static let noticeSeconds = 30 * Day.seconds
}
