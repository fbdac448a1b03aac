package import RekeyCore

/// Everything that is declared: which credentials there are, and where they live.
package struct Estate: Sendable {
    package let definitions: [CredentialID: CredentialDefinition]
    /// The vaults' hosts as their URLs have them (`host` or `host:port`), in lower case.
    package let vaultHosts: [String: VaultName]

    private let byCarrier: [SecretReference: CredentialID]
    private let staging: Set<SecretReference>

    package init(definitions: [CredentialDefinition], vaultHosts: [String: VaultName]) {
        var byID: [CredentialID: CredentialDefinition] = [:]
        var byCarrier: [SecretReference: CredentialID] = [:]
        for definition in definitions {
            byID[definition.id] = definition
            for carrier in definition.carriers { byCarrier[carrier.reference] = definition.id }
        }
        self.definitions = byID
        self.byCarrier = byCarrier
        self.staging = Set(definitions.map(\.staging))
        self.vaultHosts = vaultHosts
    }

    /// The credential that a vault's event is about; nil for a stranger or a staged name.
    func credential(host: String, name: String) -> CredentialDefinition? {
        guard let vault = vaultHosts[host.lowercased()] else { return nil }
        let reference = SecretReference(vault: vault, name: SecretName(name))
        guard !staging.contains(reference) else { return nil }
        return byCarrier[reference].flatMap { definitions[$0] }
    }

    /// The credential that a request names: by its id, or by `vault/name` of a carrier.
    func credential(named text: String) -> CredentialDefinition? {
        if let definition = definitions[CredentialID(text)] { return definition }
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let reference = SecretReference(
            vault: VaultName(String(text[..<slash])),
            name: SecretName(String(text[text.index(after: slash)...]))
        )
        return byCarrier[reference].flatMap { definitions[$0] }
    }
}
