/// Which secret: a vault and a name in it.
///
/// Safe to print.
package struct SecretReference: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package let vault: VaultName
    package let name: SecretName

    package init(vault: VaultName, name: SecretName) {
        self.vault = vault
        self.name = name
    }

    package var description: String { "\(vault)/\(name)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.vault, left.name) < (right.vault, right.name)
    }
}
