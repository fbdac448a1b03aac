import Foundation
import InMemoryVault
import RekeyCore
import RekeyPorts

/// A vault as a worker reaches it: it fails as the weather wants, and is looked at.
struct SimulatedVault: Vault {
    let world: SimulatedWorld
    let base: InMemoryVault

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        let found = try await call("latest", name) { () async throws(StepFailure) in
            try await base.latest(name)
        }
        guard world.settings.mistake == .lateDueDate, let found else { return found }
        return VaultVersion(
            id: found.id,
            value: found.value,
            isEnabled: found.isEnabled,
            expires: found.expires.map { $0 + Self.mistakenSeconds },
            created: found.created,
            contentType: found.contentType,
            tags: found.tags
        )
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await call("version", name) { () async throws(StepFailure) in
            try await base.version(id, of: name)
        }
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        try await call("write", name, isDeed: true) { () async throws(StepFailure) in
            let id = try await base.write(entry, as: name)
            let place = SecretReference(vault: base.name, name: name)
            world.written(entry, id, at: place, isForeign: false)
            return id
        }
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await call("disable", name, isDeed: true) { () async throws(StepFailure) in
            try await base.disable(id, of: name)
            let place = SecretReference(vault: base.name, name: name)
            world.secret(of: place)?.setEnabled(false, id, of: place)
        }
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await call("preflight", name) { () async throws(StepFailure) in
            try await base.preflight(name)
        }
    }

    private func call<Value: Sendable>(
        _ verb: String,
        _ name: SecretName,
        isDeed: Bool = false,
        _ body: () async throws(StepFailure) -> Value
    ) async throws(StepFailure) -> Value {
        let secret = world.secret(of: SecretReference(vault: base.name, name: name))
        return try await world.call(verb, on: base.name.text, about: secret, isDeed: isDeed, body)
    }

    private static let mistakenSeconds = 46 * Day.seconds
}
