import InMemoryVault
import RekeyCore
import RekeyPorts
import Synchronization

/// A vault whose versions can be looked at without waiting for it.
final class MirroredVault: RetaggingVault {
    private let base: InMemoryVault
    private let mirror = Mutex<[VaultListing]>([])

    init(_ base: InMemoryVault) { self.base = base }

    /// Every version, by name and age, with its value, as the last change left it.
    var listing: [VaultListing] { mirror.withLock { $0 } }

    /// The values of these versions as texts, also of disabled ones.
    func texts(of versions: [CarrierVersion]) -> [String] {
        let listed = listing
        return versions.compactMap { held in
            listed.first { $0.version == held.version && $0.name == held.name }?.digest
        }
    }

    /// Writes a version as somebody else would.
    func place(_ entry: VaultEntry, as name: SecretName) async -> VersionID {
        let version = await base.place(entry, as: name)
        await look()
        return version
    }

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(name)
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        let version = try await base.write(entry, as: name)
        await look()
        return version
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: name)
        await look()
    }

    func retag(
        _ id: VersionID,
        of name: SecretName,
        with tags: [String: String]
    ) async throws(StepFailure) {
        try await base.retag(id, of: name, with: tags)
        await look()
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }

    private func look() async {
        let listing = await base.listing(digest: \.text)
        mirror.withLock { $0 = listing }
    }
}
