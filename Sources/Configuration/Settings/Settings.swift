package import RekeyCore

/// The configuration, checked: every name it mentions exists, every limit is kept.
package struct Settings: Equatable, Sendable {
    package var installation: InstallationID
    package var journal: JournalSettings
    package var broker: BrokerSettings
    package var azure: AzureSettings?
    package var gateway: GatewaySettings?
    package var vaults: [VaultName: VaultSettings]
    /// The vault that only Rekey reads.
    package var stagingVault: VaultName
    package var targets: [TargetName: TargetSettings]
    package var workloads: [WorkloadName: WorkloadSettings]
    package var hooks: [HookName: HookSettings]
    package var sites: [String: SiteSettings]
    /// The worker's certificate and signing key, by which agents know its messages.
    package var signer: CertificateFiles?
    package var permissions: Permissions
    package var worker: WorkerSettings
    package var logs: LogSettings
    /// In the order of the file.
    package var secrets: [SecretSettings]
    /// What is allowed but likely not meant.
    package var warnings: [ConfigurationError]

    package func secret(_ id: CredentialID) -> SecretSettings? {
        secrets.first { $0.definition.id == id }
    }

    package var definitions: [CredentialDefinition] { secrets.map(\.definition) }
}
