import Foundation
import RekeyCore
import RekeyPorts

/// One secret of an `InMemoryVault`: its versions in the order in which they were written.
struct Held {
    struct Version {
        let id: VersionID
        var entry: VaultEntry
        let created: Date
        var isEnabled: Bool

        /// As a reader sees it: a disabled version keeps its value to itself.
        var shown: VaultVersion { version(showing: isEnabled ? entry.value : nil) }

        /// As a list shows it, which never holds values.
        var withoutValue: VaultVersion { version(showing: nil) }

        private func version(showing value: Secret?) -> VaultVersion {
            VaultVersion(
                id: id,
                value: value,
                isEnabled: isEnabled,
                expires: entry.expires,
                created: created,
                contentType: entry.contentType,
                tags: entry.tags
            )
        }
    }

    var versions: [Version] = []
    var isDeleted = false

    /// The versions that a reader may see; nil while the name is deleted.
    var readable: [Version]? { isDeleted ? nil : versions }
}
