import RekeyAzure
package import RekeyCore
package import RekeyPorts

/// What would keep Rekey from writing a secret, as far as reading shows.
extension AzureKeyVault {
    /// How many of the tags Rekey itself needs on a version that it promotes.
    package static let reservedTags = 5
    /// How the tags begin that Rekey writes.
    package static let ownTagPrefix = "rekey-"

    /// Sends GET requests only, so it cannot see whether there is a right to write: it says so.
    package func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        let subject = "vault \(self.name)/\(name)"
        var findings: [Finding] = []
        do throws(AzureFailure) {
            if let found = try await bundle("getSecret \(name)", try path(name)) {
                findings += Self.findings(about: found.bundle, found.version, subject)
            }
        } catch {
            // Whether that is amiss depends on who reads the secret.
            if !error.hasCode("SecretDisabled") {
                findings.append(try Self.finding(about: error, subject))
            }
        }
        do throws(AzureFailure) {
            let path = try path(name, under: "deletedsecrets")
            if try await bundle("getDeletedSecret \(name)", path) != nil {
                let hint = "recover or purge the deleted secret, or choose another name"
                findings.append(Finding(.problem, subject, "the name is soft-deleted", hint: hint))
            }
        } catch {
            guard error.status == 403 else { throw StepFailure(error) }
            let text = "cannot see whether the name is soft-deleted: \(error.reason)"
            findings.append(Finding(.note, subject, text))
        }
        let hint = "Key Vault Secrets Officer has the right to set, Secrets User has not"
        let text = "whether there is a right to set secrets is not visible without writing"
        findings.append(Finding(.note, subject, text, hint: hint))
        return findings
    }

    private static func findings(
        about bundle: SecretBundle,
        _ version: VaultVersion,
        _ subject: String
    ) -> [Finding] {
        var findings: [Finding] = []
        if bundle.managed == true {
            let hint = "rotate the certificate that it belongs to"
            findings.append(Finding(.problem, subject, "a certificate owns it", hint: hint))
        }
        let foreign = version.tags.keys.filter { !$0.hasPrefix(ownTagPrefix) }.count
        if foreign + reservedTags > tagLimit {
            let text = "\(foreign) tags leave no room for \(reservedTags) more of \(tagLimit)"
            findings.append(Finding(.problem, subject, text, hint: "remove some of its tags"))
        }
        return findings
    }

    /// A refusal as a finding; what may pass by itself is thrown.
    private static func finding(
        about failure: AzureFailure,
        _ subject: String
    ) throws(StepFailure) -> Finding {
        guard failure.kind == .permanent else { throw StepFailure(failure) }
        let hint: String? =
            if failure.hasCode("ForbiddenByFirewall") {
                "let this machine's address through the vault's firewall"
            } else if failure.status == 403 {
                "give the identity the role Key Vault Secrets Officer on the vault"
            } else {
                nil
            }
        return Finding(.problem, subject, "cannot be read: \(failure.reason)", hint: hint)
    }
}
