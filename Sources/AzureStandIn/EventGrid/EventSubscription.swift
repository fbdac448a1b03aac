import Foundation

/// Where events of some vaults go, and whether the receiver has agreed to take them.
struct EventSubscription: Sendable {
    enum Schema: String, Sendable {
        case eventGrid = "eventgrid"
        case cloudEvents = "cloudevents"
    }

    /// As Event Grid's provisioning state.
    enum State: String, Sendable {
        case creating = "Creating"
        case awaitingManualAction = "AwaitingManualAction"
        case succeeded = "Succeeded"
    }

    let name: String
    var vaults: [String]
    var schema: Schema
    var url: String
    var kinds: Set<VaultEvent.Kind>
    /// Values of secret headers; they are never shown.
    var headers: [String: String]
    var audience: String?
    var application: String?
    /// A PEM file with the CA that the webhook's certificate comes from.
    var trustFile: String
    var state = State.creating
    var validationCode = UUID().uuidString
    var attempts = 0

    func takes(_ event: VaultEvent) -> Bool {
        state == .succeeded && vaults.contains(event.vault) && kinds.contains(event.kind)
    }

    var json: JSON {
        [
            "name": .string(name), "vaults": .array(vaults.map(JSON.string)),
            "schema": .string(schema.rawValue), "url": .string(url),
            "eventTypes": .array(kinds.map(\.rawValue).sorted().map(JSON.string)),
            "headers": .array(headers.keys.sorted().map(JSON.string)),
            "state": .string(state.rawValue), "validationAttempts": .integer(attempts),
        ]
    }
}

/// One event on its way to one subscription.
struct EventDelivery: Sendable {
    enum Outcome: String, Sendable {
        case pending, delivered, dropped
    }

    let id: String
    let subscription: String
    let event: VaultEvent
    var outcome = Outcome.pending
    /// Status of every attempt; 0 where there was no answer.
    var statuses: [Int] = []

    var json: JSON {
        [
            "id": .string(id), "subscription": .string(subscription),
            "event": .string(event.id), "type": .string(event.kind.rawValue),
            "vault": .string(event.vault), "name": .string(event.name),
            "version": .string(event.version), "outcome": .string(outcome.rawValue),
            "statuses": .array(statuses.map(JSON.integer)),
        ]
    }
}
