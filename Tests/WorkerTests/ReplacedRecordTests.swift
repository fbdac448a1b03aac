import Foundation
import InMemoryJournal
import InMemoryTarget
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// What is known of a credential is read, changed and written by many: whoever comes second wrote
/// it as it had been before the first.
@Suite(.timeLimit(.minutes(1))) struct `A record that is replaced between a read and its write` {
    private static let day = 86_400.0
    private static let later = Date(timeIntervalSinceNow: 300 * day)

    private func world(
        _ strategy: RekeyCore.Strategy = .addThenRemove,
        _ policy: RotationPolicy = CommandWorld.gated,
        others: [CredentialDefinition] = []
    ) async throws -> CommandWorld {
        let world = try await World(
            strategy,
            policy: policy,
            expiresIn: 90 * Self.day,
            access: CommandWorld.access,
            others: others
        )
        // Nothing that the sweeper would look at.
        var known =
            [CredentialRecord(id: "orders", adoptedAt: Date())]
            + others.map {
                CredentialRecord(id: $0.id, adoptedAt: Date())
            }
        for index in known.indices {
            known[index].expiresAt = Date() + 90 * Self.day
            known[index].dueAt = Date() + 60 * Self.day
        }
        try await world.journal.commit(known.map { .credential($0) }, under: nil)
        return CommandWorld(world)
    }

    private func record(_ it: CommandWorld) async throws -> CredentialRecord {
        try #require(try await it.world.journal.credential("orders"))
    }

    private static func isNote(_ writes: [JournalWrite]) -> Bool {
        writes.count == 1 && writes.records.first?.expiresAt != nil
    }

    private static func isAdmission(_ writes: [JournalWrite]) -> Bool {
        writes.events.contains { if case .accepted = $0 { true } else { false } }
    }

    @Test func `by a pause stays paused, though the sweeper notes what it found`() async throws {
        let it = try await world()
        let journal = MeanwhileJournal(it.world.journal, before: Self.isNote) { _ in
            let answer = try await it.command("pause") { $0.secret = "orders" }
            #expect(answer.content.outcome == "accepted")
        }
        try await it.withWorker(journal: journal) {
            try await it.world.journal.change("orders") {
                $0.expiresAt = nil
                $0.dueAt = nil
            }
            try await eventually("the note is made") {
                try await self.record(it).expiresAt != nil
            }
        }
        #expect(journal.left?.isPaused == true)
        #expect(try await record(it).isPaused)
        #expect(journal.refusals.count == 1)
    }

    @Test func `by an admission keeps its sequence, though the sweeper notes what it found`()
        async throws
    {
        let it = try await world()
        let journal = MeanwhileJournal(it.world.journal, before: Self.isNote) { _ in
            let answer = try await it.rotate()
            #expect(answer.type == .rotationAccepted)
        }
        try await it.withWorker(journal: journal) {
            try await it.world.journal.change("orders") {
                $0.expiresAt = nil
                $0.dueAt = nil
            }
            try await eventually("the note is decided on") { journal.left != nil }
        }
        let rotation = try #require(try await it.newest())
        #expect(rotation.plan.sequence == 1)
        #expect(journal.left?.sequence == 1)
        #expect(journal.refusals.count == 1)
    }

    @Test func `by the sweeper's note keeps it, though a rotation is admitted`() async throws {
        let it = try await world()
        let journal = MeanwhileJournal(it.world.journal, before: Self.isAdmission) {
            try await $0.change("orders") { $0.expiresAt = Self.later }
        }
        try await it.withWorker(journal: journal) {
            #expect(try await it.rotate().type == .rotationAccepted)
            _ = try await it.rotation(until: "a person is asked") { $0.awaitsApproval }
        }
        let record = try await record(it)
        #expect(record.expiresAt == Self.later)
        #expect(record.sequence == 1)
        #expect(journal.refusals.count == 1)
        #expect(try await it.world.journal.rotations(RotationQuery()).count == 1)
    }

    @Test func `by another worker's pause lets no rotation begin`() async throws {
        let it = try await world()
        let journal = MeanwhileJournal(it.world.journal, before: Self.isAdmission) {
            try await $0.change("orders") { $0.isPaused = true }
        }
        try await it.withWorker(journal: journal) {
            let answer = try await it.rotate()
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail == "paused")
        }
        #expect(try await record(it).isPaused)
        #expect(try await it.newest() == nil)
    }

    @Test func `by a pause stays paused, though a turn writes what its rotation changed`()
        async throws
    {
        let it = try await world(.addThenRemove, World.quick)
        let isEnd: @Sendable ([JournalWrite]) -> Bool = { writes in
            !writes.records.isEmpty
                && writes.events.contains {
                    if case .finished(.complete, _) = $0 { true } else { false }
                }
        }
        let journal = MeanwhileJournal(it.world.journal, before: isEnd) { _ in
            let answer = try await it.command("pause") { $0.secret = "orders" }
            #expect(answer.content.outcome == "accepted")
        }
        let end = try await it.withWorker(journal: journal) {
            #expect(try await it.rotate().type == .rotationAccepted)
            return try await it.world.ended()
        }
        #expect(end.end == .closed)
        let record = try await record(it)
        #expect(record.isPaused)
        #expect(record.lastRotatedAt != nil)
        #expect(record.account == end.candidate.account)
        #expect(journal.refusals.count == 1)
        let debts = try await it.world.journal.debts(unpaidOnly: false)
        #expect(debts.map(\.isPaid) == [true])
        // Written again, and not performed again.
        #expect(it.world.target?.accepted.count == 1)
        #expect(it.events(.rotationCompleted).count == 1)
    }

    @Test func `by a pause stays paused, though its rotation is abandoned and leaves a debt`()
        async throws
    {
        let it = try await world()
        let isEnd: @Sendable ([JournalWrite]) -> Bool = { writes in
            writes.events.contains { if case .abandoned = $0 { true } else { false } }
        }
        let journal = MeanwhileJournal(it.world.journal, before: isEnd) {
            try await $0.change("orders") { $0.isPaused = true }
        }
        try await it.withWorker(journal: journal) {
            let rotation = try await it.rotationAtGate()
            let answer = try await it.command("abandon", rotation.id)
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
        }
        let record = try await record(it)
        #expect(record.isPaused)
        #expect(record.failedRotations == 1)
        #expect(journal.refusals.count == 1)
        #expect(try await it.world.journal.debts(unpaidOnly: true).count == 1)
        #expect(it.events(.commandAnswered).count == 1)
    }

    @Test func `while it is built anew is built of what is there`() async throws {
        let it = try await world()
        let isRecovery: @Sendable ([JournalWrite]) -> Bool = { writes in
            !writes.records.isEmpty && writes.events.isEmpty && writes.count > 1
        }
        let journal = MeanwhileJournal(it.world.journal, before: isRecovery) {
            try await $0.change("orders") { $0.sequence = 7 }
        }
        try await it.withWorker(journal: journal) {
            let answer = try await it.command("recover") { $0.secret = "orders" }
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
        }
        let record = try await record(it)
        #expect(record.sequence == 7)
        #expect(record.account == "first")
        #expect(journal.refusals.count == 1)
    }

    @Test func `in a large environment is paused with all the others`() async throws {
        let others = (100..<250).map { number in
            CredentialDefinition(
                id: CredentialID("secret-\(number)"),
                environment: "production",
                strategy: .replace,
                target: "target",
                staging: SecretReference(vault: World.staging, name: "staged"),
                carriers: []
            )
        }
        let it = try await world(others: others)
        let isSecondPart: @Sendable ([JournalWrite]) -> Bool = { writes in
            writes.records.contains { $0.id == "secret-200" && $0.isPaused }
        }
        let journal = MeanwhileJournal(it.world.journal, before: isSecondPart) {
            try await $0.change("secret-200") { $0.expiresAt = Self.later }
        }
        try await it.withWorker(journal: journal) {
            let answer = try await it.command("pause") { $0.secret = "production" }
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
        }
        let records = try await it.world.journal.credentials()
        #expect(records.filter(\.isPaused).map(\.id) == others.map(\.id))
        #expect(records.first { $0.id == "secret-200" }?.expiresAt == Self.later)
        #expect(journal.refusals.count == 1)
        #expect(it.events(.commandAnswered).count == 1)
    }
}
