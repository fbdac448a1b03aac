import InMemoryVault
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@testable import rekey

@Suite struct `What a check looks at` {
    // Each staging secret was a warning after its first rotation.
    @Test func `has a disabled version only where somebody reads it`() async throws {
        let production = InMemoryVault(name: VaultName("prod"))
        let staging = InMemoryVault(name: VaultName("stage"))
        let settings = try Unreadable.settings()
        for definition in settings.definitions {
            let carrier = try #require(definition.carriers.first).reference.name
            for (vault, name) in [(production, carrier), (staging, definition.staging.name)] {
                let entry = VaultEntry(value: Secret(copying: "value".utf8))
                try await vault.disable(try await vault.write(entry, as: name), of: name)
            }
        }
        let adapters = Adapters(vaults: [production.name: production, staging.name: staging])
        let findings = await Inspection(adapters, settings).findings()
        let disabled = findings.filter { $0.text == "the latest version is disabled" }
        #expect(disabled.map(\.subject) == ["vault prod/Erp", "vault prod/Token"])
        #expect(disabled.allSatisfy { $0.severity == .warning })
    }
}
