import CrashSupport
import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts

/// A mistake that real rotation software made, to see that the sweep finds it
/// (guides/borrowed-suites.md §8).
enum Planted: String, Sendable, CaseIterable {
    /// Ends the old credential as soon as there is a new one.
    case revokesBeforePromotion
    /// Asks for a credential twice, and knows of one.
    case issuesTwice
    /// Writes a version without the tags by which it is recognised.
    case writesWithoutTags
    /// Says that a version was staged which nobody can read later.
    case losesStagedValue
}

/// A vault with a planted mistake.
struct PlantedVault: Vault {
    let base: any Vault
    let planted: Planted
    /// Whether it is the one that staged versions are in.
    let isStaging: Bool

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(name)
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        if planted == .writesWithoutTags {
            let bare = VaultEntry(value: entry.value, expires: entry.expires)
            return try await base.write(bare, as: name)
        }
        if planted == .losesStagedValue, isStaging {
            let other = VaultEntry(
                value: Secret(copying: "another value".utf8),
                expires: entry.expires,
                tags: entry.tags
            )
            return try await base.write(other, as: name)
        }
        return try await base.write(entry, as: name)
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: name)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }
}

/// A target with a planted mistake.
struct PlantedTarget: Target {
    let base: InMemoryTarget
    let planted: Planted

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await base.inspect(current: current)
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        try await base.prove(credential, like: account)
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try await base.accepts(credential)
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        try await base.retire(account, fence: fence)
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await base.silence(of: account)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }

    private func revokeOthers(than account: AccountID?) async throws(StepFailure) {
        guard planted == .revokesBeforePromotion else { return }
        let fence = Fence(installation: "planted", credential: "planted", sequence: 0, epoch: 0)
        for other in base.accepted.compactMap(\.account) where other != account {
            try await base.retire(other, fence: fence)
        }
    }
}

extension PlantedTarget: InstallingTarget {
    func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        try await base.install(credential, fence: fence)
        try await revokeOthers(than: credential.account)
    }
}

extension PlantedTarget: IssuingTarget {
    func issue(_ key: NaturalKey, expires: Date?) async throws(StepFailure) -> IssuedCredential {
        if planted == .issuesTwice { _ = try await base.issue(key, expires: expires) }
        let issued = try await base.issue(key, expires: expires)
        try await revokeOthers(than: issued.account)
        return issued
    }

    func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try await base.issued(key)
    }
}

extension PlantedTarget: RegeneratingTarget {
    func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try await base.regenerate(slot, key: key)
        try await revokeOthers(than: slot)
    }

    func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        try await base.value(of: slot)
    }
}
