package import RekeyCore

/// An application that uses the credential.
package protocol Workload: Sendable {
    /// Makes the application take the new value up. Doing it again with the same key has no
    /// second effect. An application that reads by itself has nothing to do here.
    func refresh(_ order: WorkloadOrder) async throws(StepFailure)

    /// Whether `observe` has to be given the value itself, to be held against an answer.
    var needsValue: Bool { get }

    /// What the application shows of the new value by now. Changes nothing.
    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence

    /// Says what would keep evidence from being gathered, without changing anything.
    func preflight() async throws(StepFailure) -> [Finding]
}

extension Workload {
    package var needsValue: Bool { false }
}

/// What a workload shows.
package struct Evidence: Sendable, Equatable {
    package let level: EvidenceLevel
    /// What speaks against more than that, in words; never a value.
    package let remark: String?

    package init(_ level: EvidenceLevel, remark: String? = nil) {
        self.level = level
        self.remark = remark
    }
}

/// What a workload is to take up.
package struct WorkloadOrder: Sendable, Equatable {
    package let key: NaturalKey
    package let credential: CredentialID
    /// The versions that hold the value to be taken up.
    package let carriers: [CarrierVersion]
    /// The bare credential, only where the workload `needsValue` and is to be observed.
    package let value: Secret?

    package init(
        key: NaturalKey,
        credential: CredentialID,
        carriers: [CarrierVersion],
        value: Secret? = nil
    ) {
        self.key = key
        self.credential = credential
        self.carriers = carriers
        self.value = value
    }
}

/// A version of a carrier, safe to print.
package struct CarrierVersion: Sendable, Equatable, Codable {
    package let vault: VaultName
    package let name: SecretName
    package let version: VersionID
    /// The version's address, by which others find it; nil where the vault gives none.
    package let uri: String?

    package init(vault: VaultName, name: SecretName, version: VersionID, uri: String? = nil) {
        self.vault = vault
        self.name = name
        self.version = version
        self.uri = uri
    }
}
