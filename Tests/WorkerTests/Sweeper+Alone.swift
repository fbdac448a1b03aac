import InMemoryJournal
import Logging
import RekeyCore
import RekeyPorts

@testable import RekeyWorker

extension Sweeper {
    /// One without a worker, over a journal that was just made; `ask` hears for whom it asks.
    static func alone(
        over definitions: [CredentialDefinition],
        in vaults: [VaultName: any Vault],
        _ clock: VirtualClock,
        perSweep: Int = 5,
        ask: @escaping @Sendable (CredentialID) -> Void = { _ in }
    ) -> Sweeper {
        let installation = InstallationID("test")
        let adapters = Adapters(vaults: vaults)
        let settings = WorkerSettings(
            installation: installation,
            holder: "test",
            sweepSeconds: 60,
            releasedPerSweep: perSweep
        )
        return Sweeper(
            journal: InMemoryJournal(clock: clock),
            facts: FactFinder(adapters: adapters, installation: installation),
            estate: Estate(definitions: definitions, vaultHosts: [:]),
            composer: EventComposer(
                installation: installation,
                source: "rekey",
                adapters: adapters
            ),
            settings: settings,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            wake: { _ in },
            resume: { _ in },
            ask: { definition, _ in ask(definition.id) },
            releases: Releases(sweepSeconds: settings.sweepSeconds)
        )
    }
}
