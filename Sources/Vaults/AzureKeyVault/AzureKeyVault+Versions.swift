import Foundation
import RekeyAzure
package import RekeyCore
package import RekeyPorts

/// What the list of versions tells, which has no values and no order of time.
extension AzureKeyVault {
    /// Every version of `name` without its value; empty where there is no such name.
    package func versions(of name: SecretName) async throws(StepFailure) -> [VaultVersion] {
        do throws(AzureFailure) {
            let path = try path(name, "versions")
            let bundles = try await list("listVersions \(name)", path, of: SecretBundle.self)
            return bundles.compactMap { $0.version(value: nil) }
        } catch {
            if error.status == 404, error.hasCode("SecretNotFound") { return [] }
            throw StepFailure(error)
        }
    }

    /// The latest version, of which a GET only says that it is disabled.
    ///
    /// It is the newest in the list, where one disabled version alone is the newest. Times have
    /// whole seconds, so that may be undecided, and the right to list may be missing: then the id
    /// is `unsettledVersion`.
    func disabledLatest(_ name: SecretName) async throws(StepFailure) -> VaultVersion {
        let unsettled = VaultVersion(id: Self.unsettledVersion, value: nil, isEnabled: false)
        let versions: [VaultVersion]
        do throws(StepFailure) { versions = try await self.versions(of: name) } catch {
            guard error.kind == .permanent else { throw error }
            return unsettled
        }
        let newest = versions.compactMap(\.created).max()
        let candidates = versions.filter { $0.created == newest && !$0.isEnabled }
        guard newest != nil, candidates.count == 1, let latest = candidates.first else {
            return unsettled
        }
        return latest
    }
}
