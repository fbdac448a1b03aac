import Foundation

/// Which secrets are near their expiry, or past it, and were not yet announced.
enum DueEvents {
    struct Due: Sendable {
        let event: VaultEvent
        let subscription: String
    }

    /// The events that are due now; taking them marks them as announced.
    ///
    /// Only what a version was made with counts: an expiry that was changed later raises nothing
    /// (event-grid-overview: "only on new versions").
    static func take(from world: inout World) -> [Due] {
        let ready = world.subscriptions.filter { $0.state == .succeeded }
        guard !ready.isEmpty else { return [] }
        let now = Int(world.now.timeIntervalSince1970)
        let threshold = Int(world.settings.nearExpirySeconds)
        var due: [Due] = []
        for (vaultName, vault) in world.vaults {
            for (key, record) in vault.secrets where record.phase == .active {
                guard let latest = record.latest, latest.isExpiryOriginal,
                    let expires = latest.expires, expires - now <= threshold
                else { continue }
                let kind: VaultEvent.Kind = expires <= now ? .secretExpired : .secretNearExpiry
                for subscription in ready {
                    let mark = "\(subscription.name)/\(kind.rawValue)"
                    var event = VaultEvent(kind, vault: vaultName, record.name, latest)
                    // One fact has one id, whoever is told.
                    event.id = StableID.uuid("event/\(kind.rawValue)/\(latest.id)")
                    guard subscription.takes(event), !latest.announced.contains(mark) else {
                        continue
                    }
                    due.append(Due(event: event, subscription: subscription.name))
                    let index = record.versions.count - 1
                    world.vaults[vaultName]?.secrets[key]?.versions[index].announced.insert(mark)
                }
            }
        }
        return due
    }
}
