import CrashSupport
import RekeyCore
import RekeyPorts

/// A vault that is written in a mistaken way.
struct PlantedVault: RetaggingVault {
    let base: any RetaggingVault
    let mistake: Mistake
    let memory: PlantedMemory
    var target: SeamTarget?

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(name)
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        guard mistake == .valueThenTags else {
            let version = try await base.write(entry, as: name)
            let pending = memory.withContents { $0.pending }
            if let pending, let target {
                try await target.install(pending.credential, fence: pending.fence)
                memory.withContents { $0.pending = nil }
            }
            return version
        }
        let bare = VaultEntry(
            value: entry.value,
            expires: entry.expires,
            contentType: entry.contentType
        )
        let version = try await base.write(bare, as: name)
        try await base.retag(version, of: name, with: entry.tags)
        return version
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: name)
    }

    func retag(
        _ id: VersionID,
        of name: SecretName,
        with tags: [String: String]
    ) async throws(StepFailure) {
        try await base.retag(id, of: name, with: tags)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }
}

/// A vault that keeps what is written in the memory of the process that wrote it.
struct ForgetfulVault: Vault {
    let base: any Vault
    let memory: PlantedMemory

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(name)
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        memory.withContents { $0.staged[id] }
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        memory.withContents { contents in
            let id = VersionID("in-memory-\(contents.staged.count + 1)")
            contents.staged[id] = VaultVersion(id: id, value: entry.value, tags: entry.tags)
            return id
        }
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        memory.withContents { $0.staged[id] = nil }
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }
}
