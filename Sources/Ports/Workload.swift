package import RekeyCore

/// An application that uses the credential.
package protocol Workload: Sendable {
    /// Makes the application take the new value up. Doing it again with the same key has no
    /// second effect. An application that reads by itself has nothing to do here.
    func refresh(_ order: WorkloadOrder) async throws(StepFailure)

    /// What the application shows of the new value by now. Changes nothing.
    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> EvidenceLevel

    /// Says what would keep evidence from being gathered, without changing anything.
    func preflight() async throws(StepFailure) -> [Finding]
}

/// What a workload is to take up.
package struct WorkloadOrder: Sendable, Equatable {
    package let key: NaturalKey
    package let credential: CredentialID
    /// The versions that hold the value to be taken up.
    package let carriers: [CarrierVersion]

    package init(key: NaturalKey, credential: CredentialID, carriers: [CarrierVersion]) {
        self.key = key
        self.credential = credential
        self.carriers = carriers
    }
}

/// A version of a carrier, safe to print.
package struct CarrierVersion: Sendable, Equatable, Codable {
    package let vault: VaultName
    package let name: SecretName
    package let version: VersionID

    package init(vault: VaultName, name: SecretName, version: VersionID) {
        self.vault = vault
        self.name = name
        self.version = version
    }
}
