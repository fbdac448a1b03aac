package import RekeyCore
package import RekeyPorts

/// What an operator, another program or a test does to the vault, past the port.
extension InMemoryVault {
    /// Writes a version as somebody else would, without looking at rights or faults.
    @discardableResult
    package func place(
        _ entry: VaultEntry,
        as name: SecretName,
        isEnabled: Bool = true
    ) -> VersionID {
        add(entry, as: name, isEnabled: isEnabled, isForeign: true)
    }

    package func setEnabled(_ isEnabled: Bool, _ id: VersionID, of name: SecretName) {
        set(id, of: name, isEnabled: isEnabled, isForeign: true)
    }

    /// Deletes the name softly: it is not found any more, and cannot be written.
    package func delete(_ name: SecretName) {
        guard secrets[name]?.isDeleted == false else { return }
        secrets[name]?.isDeleted = true
        record(.deleted, name, nil, isForeign: true)
    }

    package func recover(_ name: SecretName) {
        guard secrets[name]?.isDeleted == true else { return }
        secrets[name]?.isDeleted = false
        record(.recovered, name, nil, isForeign: true)
    }

    /// Gives or takes the right to write and to disable.
    package func setWritable(_ isWritable: Bool) {
        self.isWritable = isWritable
    }

    /// Adds a fault; several on one call act in the order in which they were added.
    package func inject(_ fault: VaultFault) {
        faults.append(fault)
    }

    package func clearFaults() {
        faults.removeAll()
    }

    /// Every version of every name that is not deleted, by name and age, values as digests.
    package func listing(digest: (Secret) -> String) -> [VaultListing] {
        secrets.sorted { $0.key < $1.key }.flatMap { name, held in
            let readable = held.readable ?? []
            return readable.map { version in
                VaultListing(
                    name: name,
                    version: version.id,
                    digest: digest(version.entry.value),
                    isLatest: version.id == readable.last?.id,
                    isEnabled: version.isEnabled,
                    expires: version.entry.expires,
                    created: version.created,
                    tags: version.entry.tags
                )
            }
        }
    }
}
