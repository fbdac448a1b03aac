import Foundation
import InMemoryBroker
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A value that another worker had made` {
    // The first worker still had the value of the first attempt, which was removed, and staged it
    // as the second's.
    @Test func `is not staged as the value of a later attempt`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 90 * 86_400)
        let later = StepFailure(.transient, "too many requests", retryAfterSeconds: 1)
        await world.stagingVault.inject(VaultFault(.before(later), on: .write, count: 2))
        let (one, other) = (Turnstile(world.journal), Turnstile(world.journal))
        one.isOpen = true
        let second = world.worker(
            on: world.outsider.peer(subscriptions: [SagaBus.parked(SagaBus.intake)]),
            journal: other,
            holder: "worker-2"
        )
        try await world.withWorker(journal: one) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await second.run() }
                group.addTask {
                    await world.request()
                    try await self.waits(world, withAttempt: 1)
                    (one.isOpen, other.isOpen) = (false, true)
                    try await self.waits(world, withAttempt: 2)
                    (one.isOpen, other.isOpen) = (true, false)
                    let rotation = try await world.ended()
                    #expect(rotation.end == .closed)
                    #expect(rotation.candidate.attempt == 3)
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        let value = try #require(await world.vault.latest(World.name)?.value)
        #expect(world.target?.accepted.map(\.secret) == [value])
    }

    /// Waits until an attempt's value is made, and the vault has sent its staging away.
    private func waits(_ world: World, withAttempt attempt: Int) async throws {
        try await eventually(within: .seconds(20), "attempt \(attempt) waits for its staging") {
            let newest = try await world.journal.rotations(RotationQuery(limit: 1)).first
            guard let newest, newest.candidate.attempt == attempt else { return false }
            return newest.candidate.issued != nil && newest.lastFailure != nil
        }
    }
}

/// A journal whose worker gets claims only while a test lets it.
private final class Turnstile: Journal {
    private let base: InMemoryJournal
    private let state = Mutex(false)

    init(_ base: InMemoryJournal) { self.base = base }

    var isOpen: Bool {
        get { state.withLock(\.self) }
        set { state.withLock { $0 = newValue } }
    }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        guard isOpen else { return nil }
        return try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }
}
