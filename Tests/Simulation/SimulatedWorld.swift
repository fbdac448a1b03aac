import CrashLab
import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryVault
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// Everything outside of a worker's process, in memory: it outlives the workers.
final class SimulatedWorld: Sendable {
    static let installation = InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11")
    /// Whom the broker vouches for: who may do all, and Event Grid's way in.
    static let operatorUser = "operator"
    static let gatewayUser = "gateway"
    /// A queue with what people are told.
    static let alarms = "client.alarms"

    let settings: SimulationSettings
    let executor = WorldExecutor()
    let clock = SimulationClock()
    let trace: SimulationTrace
    let weather: Weather
    let impediments = Impediments()
    let judge: Judge
    let secrets: [SimulatedSecret]
    let vaults: [VaultName: InMemoryVault]
    let hook = InMemoryHook()
    let journal: InMemoryJournal
    let outsider: InMemoryBroker
    /// The living worker's.
    let connections = Mutex<SimulatedBroker?>(nil)
    private let agenda = Mutex(Heap<@Sendable () async -> Void>())
    private let choice: Mutex<SeededChoice>
    private let isOverNow = Mutex(false)
    private let places: [SecretReference: Int]
    private let numbers: [CredentialID: Int]

    /// Throws where the trace's file cannot be made.
    init(_ settings: SimulationSettings) throws {
        self.settings = settings
        trace = try SimulationTrace(path: settings.tracePath)
        weather = Weather(seed: settings.seed, isCalm: settings.isCalm)
        let clock = clock
        let truth = TrueClock(base: clock)
        let secrets = (0..<settings.secrets).map { SimulatedSecret($0, clock: truth) }
        self.secrets = secrets
        var places: [SecretReference: Int] = [:]
        var numbers: [CredentialID: Int] = [:]
        for secret in secrets {
            numbers[secret.definition.id] = secret.number
            places[secret.definition.staging] = secret.number
            for carrier in secret.definition.carriers { places[carrier.reference] = secret.number }
        }
        self.places = places
        self.numbers = numbers
        var vaults: [VaultName: InMemoryVault] = [:]
        let names = (0..<SecretMaker.vaultCount).map(SecretMaker.vault) + [SecretMaker.staging]
        for name in names { vaults[name] = InMemoryVault(name: name) { clock.truth } }
        self.vaults = vaults
        journal = InMemoryJournal(clock: clock)
        judge = Judge(impediments: impediments, sweepSeconds: Self.sweepSeconds)
        choice = Mutex(SeededChoice(settings.seed))
        var topology = SagaBus.topology(hookKinds: [SecretMaker.hookKind])
        topology.queues.append(.init(temporary: Self.alarms))
        for type in Self.alarmTypes {
            topology.bindings.append(
                .init(exchange: SagaBus.events, queue: Self.alarms, routingKey: type.routingKey)
            )
        }
        outsider = InMemoryBroker(topology: topology)
    }

    static let alarmTypes: [EventType] = [
        .rotationStuck, .rotationAwaitingApproval, .rotationFailed, .rotationRolledBack,
        .secretExpiring, .hookFailed,
    ]
    static let sweepSeconds = 6 * 3_600.0
    static let releasedPerSweep = 5

    var isOver: Bool { isOverNow.withLock { $0 } }

    func secret(of place: SecretReference) -> SimulatedSecret? { places[place].map { secrets[$0] } }

    func secret(_ id: CredentialID) -> SimulatedSecret? { numbers[id].map { secrets[$0] } }

    /// Draws something, the same each time.
    func draw<Value: Sendable>(
        _ body: (inout sending SeededChoice) -> sending Value
    ) -> Value {
        choice.withLock { body(&$0) }
    }

    /// Does something after so many true seconds.
    func after(_ seconds: Double, _ deed: @escaping @Sendable () async -> Void) {
        agenda.withLock { $0.insert(deed, at: clock.elapsed + seconds) }
    }

    func note(_ line: String) { trace.note(line, at: clock.elapsed) }

    /// Looks at a secret after something changed.
    func look(at secret: SimulatedSecret, after place: @autoclosure () -> String) {
        let found = SecretLedger(secret).violations
        judge.looked()
        guard !found.isEmpty else { return }
        for violation in found { judge.add("\(secret.definition.id): \(violation)", place()) }
    }

    /// Goes on with the first thing that is to happen, while everything waits; false at the end.
    func goOn() -> Bool {
        let planned = agenda.withLock { $0.first?.at } ?? .infinity
        let awaited = clock.next ?? .infinity
        guard min(planned, awaited) < settings.endSeconds else {
            isOverNow.withLock { $0 = true }
            return true
        }
        guard planned <= awaited else {
            clock.wakeFirst()
            return true
        }
        clock.set(to: planned)
        guard let deed = agenda.withLock({ $0.removeFirst() }) else { return true }
        Task(executorPreference: executor) { await deed() }
        return true
    }
}
