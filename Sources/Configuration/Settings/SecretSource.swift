package import RekeyCore

/// Where a secret that Rekey itself needs is to be found.
///
/// The configuration never holds it.
package enum SecretSource: Hashable, Sendable, CustomStringConvertible {
    /// `env:NAME`: a variable of the environment.
    case environment(String)
    /// `file:/path`: a file's content, without a newline at its end.
    case file(String)
    /// `vault:VAULT/NAME`: the latest version in a vault of this configuration.
    case vault(SecretReference)

    package var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .vault(let reference): "vault:\(reference)"
        }
    }
}
