import Foundation

/// A fact about a secret that Event Grid tells; it never carries the value.
struct VaultEvent: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case secretNearExpiry = "Microsoft.KeyVault.SecretNearExpiry"
        case secretExpired = "Microsoft.KeyVault.SecretExpired"
        case secretNewVersionCreated = "Microsoft.KeyVault.SecretNewVersionCreated"

        /// Takes the whole type or its last part.
        init?(name: String) {
            let match = Kind.allCases.first {
                $0.rawValue == name || $0.rawValue.hasSuffix(".\(name)")
            }
            guard let match else { return nil }
            self = match
        }
    }

    var id = UUID().uuidString.lowercased()
    let kind: Kind
    let vault: String
    let name: String
    let version: String
    let notBefore: Int?
    let expires: Int?

    init(_ kind: Kind, vault: String, _ name: String, _ version: SecretVersion) {
        self.kind = kind
        self.vault = vault
        self.name = name
        self.version = version.id
        notBefore = version.notBefore
        expires = version.expires
    }

    /// The members are in Pascal case, times are numbers, as the published examples show.
    func data(vaultURL: String) -> JSON {
        [
            "Id": .string("\(vaultURL)/secrets/\(name)/\(version)"),
            "VaultName": .string(vault), "ObjectType": "Secret", "ObjectName": .string(name),
            "Version": .string(version),
            "NBF": notBefore.map(JSON.integer) ?? .null,
            "EXP": expires.map(JSON.integer) ?? .null,
        ]
    }

    /// The ARM id of the vault.
    func topic(in world: World) -> String {
        "/subscriptions/\(world.subscription)/resourceGroups/\(world.resourceGroup)"
            + "/providers/Microsoft.KeyVault/vaults/\(vault)"
    }

    /// One event in the schema of a subscription; Event Grid's own schema comes as an array.
    func body(schema: EventSubscription.Schema, at time: Date, in world: World) -> JSON {
        let data = data(vaultURL: world.endpoints.vaults[vault] ?? "")
        let stamp = JSON.string(TimeText.milliseconds(time))
        switch schema {
        case .eventGrid:
            return [
                [
                    "id": .string(id), "topic": .string(topic(in: world)),
                    "subject": .string(name), "eventType": .string(kind.rawValue),
                    "eventTime": stamp, "data": data, "dataVersion": "1",
                    "metadataVersion": "1",
                ]
            ]
        case .cloudEvents:
            return [
                "id": .string(id), "source": .string(topic(in: world)), "subject": .string(name),
                "type": .string(kind.rawValue), "time": stamp, "data": data,
                "specversion": "1.0", "datacontenttype": "application/json",
            ]
        }
    }
}
