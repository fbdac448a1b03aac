import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts
import Synchronization

/// One secret with everything around it, as somebody outside sees it.
final class SimulatedSecret: Sendable {
    /// A version as a vault has it, with its value.
    struct Version: Sendable {
        let id: VersionID
        let text: String
        var isEnabled: Bool
        let expires: Date?
        /// Written by a person, past Rekey.
        let isForeign: Bool
    }

    struct State: Sendable {
        /// The last versions of each place, the oldest first.
        var versions: [SecretReference: [Version]] = [:]
        var held: [WorkloadName: [CarrierVersion]] = [:]
        var taken: Set<NaturalKey> = []
        /// The newest rotation, as the journal has it.
        var rotation: Rotation?
        var debts: Set<AccountID> = []
        /// Versions that a rotation has replaced for good.
        var replaced: Set<VersionID> = []
        var completions = 0
        /// By the worker's date, when the values became current that no rotation took back since.
        var valuesSince = [SimulationClock.start]
        var begunAt: Double?
        var begunFrom: VersionID?
        var endedAt = 0.0
        /// Requests that a person made and that no rotation has served.
        var wishes = 0
        var callHour = 0
        var callsInHour = 0
    }

    let number: Int
    let definition: CredentialDefinition
    let target: InMemoryTarget?
    /// The systems that a rotation of it needs.
    let systems: [String]
    private let state: Mutex<State>

    init(_ number: Int, clock: TrueClock) {
        self.number = number
        let definition = SecretMaker.definition(number)
        self.definition = definition
        target = SecretMaker.target(number, definition.strategy, clock)
        let vaults = Set(definition.carriers.map(\.reference.vault.text)).sorted()
        let system = target.map { _ in [SecretMaker.targetSystem(number)] } ?? []
        let others = ["workload", "hosts", "broker", "worker"]
        systems = vaults + [SecretMaker.staging.text] + system + others
        state = Mutex(State())
    }

    var seen: State { state.withLock { $0 } }

    func change<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// What the workload holds that sends a value, where another verifies it.
    var callersValue: String? {
        let seen = seen
        let caller = definition.workloads.first { $0.audience == .callers }
        guard let held = caller.flatMap({ seen.held[$0.name]?.last }) else { return nil }
        let place = SecretReference(vault: held.vault, name: held.name)
        return seen.versions[place]?.first { $0.id == held.version }?.text
    }

    /// Somebody has every workload take up what the vaults hold.
    func restartWorkloads() {
        state.withLock { state in
            let held = definition.carriers.map(\.reference).compactMap { place in
                state.versions[place]?.last.map {
                    CarrierVersion(vault: place.vault, name: place.name, version: $0.id)
                }
            }
            for workload in definition.workloads { state.held[workload.name] = held }
        }
    }

    func add(_ version: Version, to place: SecretReference) {
        state.withLock { state in
            state.versions[place, default: []].append(version)
            if state.versions[place, default: []].count > Self.versionsKept {
                state.versions[place]?.removeFirst()
            }
        }
    }

    func setEnabled(_ isEnabled: Bool, _ id: VersionID, of place: SecretReference) {
        state.withLock { state in
            for index in state.versions[place, default: []].indices
            where state.versions[place]?[index].id == id {
                state.versions[place]?[index].isEnabled = isEnabled
            }
        }
    }

    func latest(of place: SecretReference) -> Version? {
        state.withLock { $0.versions[place]?.last }
    }

    /// What Rekey wrote last, and nobody disabled.
    func lastOwn(of place: SecretReference) -> Version? {
        state.withLock { $0.versions[place]?.last { !$0.isForeign && $0.isEnabled } }
    }

    /// When the first carrier ends, and so when the secret does.
    var end: Date? {
        state.withLock { state in
            definition.carriers.compactMap { state.versions[$0.reference]?.last?.expires }.min()
        }
    }

    /// When it is due, by the vaults' own ends; where they name none, by the age of its value.
    var due: Date {
        let since = seen.valuesSince.last ?? SimulationClock.start
        let policy = definition.policy
        return (end ?? since + policy.lifetimeSeconds) - policy.thresholdSeconds
    }

    /// Longer than any rotation goes back.
    private static let versionsKept = 12
}
