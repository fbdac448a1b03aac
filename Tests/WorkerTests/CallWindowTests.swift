import Foundation
import InMemoryJournal
import InMemoryVault
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

/// The machine's time, which is moved on where a worker stands still.
private final class MovedClock: RekeyPorts.Clock {
    private let moved = Mutex(0.0)

    var now: Date { Date() + moved.withLock { $0 } }
    var bootSeconds: Double { ProcessInfo.processInfo.systemUptime + moved.withLock { $0 } }

    func sleep(until date: Date) async throws {
        try await Task.sleep(for: .seconds(max(0, date.timeIntervalSince(now))))
    }

    func move(by seconds: Double) { moved.withLock { $0 += seconds } }
}

/// A vault that is far away: before the first write is sent, the worker stands still for a while.
private final class FarVault: Vault {
    private struct State {
        var hasStood = false
        var sent = 0
        var unsent = 0
        var readsInWindow = 0
    }

    private let base: InMemoryVault
    private let standStill: @Sendable () -> Void
    private let state = Mutex(State())

    init(_ base: InMemoryVault, standStill: @escaping @Sendable () -> Void) {
        self.base = base
        self.standStill = standStill
    }

    var sent: Int { state.withLock { $0.sent } }
    var unsent: Int { state.withLock { $0.unsent } }
    var readsInWindow: Int { state.withLock { $0.readsInWindow } }

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        state.withLock { $0.readsInWindow += CallWindow.current == nil ? 0 : 1 }
        return try await base.latest(name)
    }

    func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        let isFirst = state.withLock { state in
            defer { state.hasStood = true }
            return !state.hasStood
        }
        if isFirst { standStill() }
        guard !CallWindow.isClosed else {
            state.withLock { $0.unsent += 1 }
            throw CallWindow.failure("far")
        }
        state.withLock { $0.sent += 1 }
        return try await base.write(entry, as: name)
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: name)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A worker that stood still before its call` {
    // It made the call, whoever had the rotation by then.
    @Test func `sends nothing when its time is over, and decides anew`() async throws {
        var policy = World.quick
        policy.callDeadlineSeconds = 30
        let clock = MovedClock()
        let world = try await World(.replace, policy: policy, clock: clock)
        let seconds = policy.callDeadlineSeconds
        let vault = FarVault(world.vault) { clock.move(by: seconds) }
        let rotation = try await world.withWorker(vault: vault) {
            await world.request()
            return try await world.ended()
        }
        #expect(rotation.end == .closed)
        #expect(vault.unsent == 1)
        #expect(vault.sent == 1)
        // A look is sent whenever it comes to that.
        #expect(vault.readsInWindow == 0)
        let history = try await world.journal.reader.history(of: rotation.id)
        let refused = history.count { entry in
            guard case .failed(.writeCarrier, let failure, _) = entry.event else { return false }
            return failure == CallWindow.failure("far")
        }
        #expect(refused == 1)
    }
}
