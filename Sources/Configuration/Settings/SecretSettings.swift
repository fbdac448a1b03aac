package import RekeyCore

/// A credential that rotates, with its policy and where that was said.
package struct SecretSettings: Equatable, Sendable {
    package var definition: CredentialDefinition
    package var policy: ResolvedPolicy
}
