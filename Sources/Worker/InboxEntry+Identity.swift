package import RekeyCore
package import RekeyPorts

extension InboxEntry.ID {
    /// What keeps duplicates of an event out, but no other's event; nil for a type nobody takes.
    ///
    /// Two publishers may call their events the same: an id is unique within its source
    /// (CloudEvents 1.0), and a source says who wrote it. So the user for whom the broker vouches,
    /// and the person for whom the gateway does, are part of it.
    package init?(of event: CloudEvent, publishedBy user: String?) {
        guard let lane = Self.lane(of: event.type) else { return nil }
        let parts = [user ?? "", event.authID ?? "", event.source, event.id.text]
        self.init(lane: lane, event: EventID(UUIDv5.text(in: Self.namespace, parts)))
    }

    private static let namespace = "rekey.inbox"

    /// Which of the intake's lanes takes an event; nil for a type that nobody takes.
    private static func lane(of type: EventType) -> String? {
        switch type {
        case .rotationRequested, .secretNearExpiry: "admit"
        case .commandIssued: CommandOrder.lane
        default: nil
        }
    }
}
