import RekeyAzure
import RekeyCore
import RekeyPorts
import Synchronization

/// A vault that takes 300 writes in any ten seconds, behind the throttle that the adapter of Azure
/// Key Vault has.
final class LimitedVault: Vault {
    struct Figures: Sendable {
        var writes = 0
        var refused = 0
        var refusedLate = 0
        var heldBack = 0
        /// From the first write to the last.
        var seconds = 0.0
        var busy = 0.0
    }

    private struct State {
        /// When each write was taken, since the first.
        var taken: [Double] = []
        var first: ContinuousClock.Instant?
        var figures = Figures()
    }

    private let base: any Vault
    private let throttle = RequestThrottle(reads: .vaultReads, writes: .vaultWrites)
    private let clock = ContinuousClock()
    private let state = Mutex(State())

    init(_ base: any Vault) { self.base = base }

    var figures: Figures {
        state.withLock { state in
            var figures = state.figures
            figures.writes = state.taken.count
            figures.seconds = state.taken.last ?? 0
            let late = state.taken.filter { $0 >= Self.windowSeconds }
            if let last = late.last, last > Self.windowSeconds {
                let possible = Double(Self.limit) / Self.windowSeconds
                figures.busy = Double(late.count) / ((last - Self.windowSeconds) * possible)
            }
            return figures
        }
    }

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await turn(.reads)
        return try await base.latest(name)
    }

    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await turn(.reads)
        return try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        try await turn(.once)
        try take()
        return try await base.write(entry, as: name)
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: name)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }

    private func turn(_ effect: RequestEffect) async throws(StepFailure) {
        guard let seconds = await throttle.turn(for: effect) else { return }
        state.withLock { $0.figures.heldBack += 1 }
        throw StepFailure(
            .transient,
            "held back by the host's limits",
            retryAfterSeconds: seconds
        )
    }

    /// The vault's own count, in any ten seconds.
    private func take() throws(StepFailure) {
        let now = clock.now
        let isTaken = state.withLock { state in
            let first = state.first ?? now
            state.first = first
            let at = first.duration(to: now) / .seconds(1)
            let recent = state.taken.reversed().prefix { $0 > at - Self.windowSeconds }.count
            guard recent < Self.limit else {
                state.figures.refused += 1
                if at > Self.windowSeconds { state.figures.refusedLate += 1 }
                return false
            }
            state.taken.append(at)
            return true
        }
        guard isTaken else { throw StepFailure(.transient, "429", retryAfterSeconds: 1) }
    }

    private static let limit = 300
    private static let windowSeconds = 10.0
}
