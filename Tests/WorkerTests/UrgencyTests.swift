import RekeyCore
import RekeyPorts
import Synchronization
import Testing

/// What is urgent goes before what is merely due: at the worker, and at a host's limits.
@Suite(.timeLimit(.minutes(1))) struct `Urgency` {
    private static func world() async throws -> CommandWorld {
        CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
    }

    /// Notes whether the commits were urgent that have such writes.
    private static func journal(
        of it: CommandWorld,
        noting urgencies: @escaping @Sendable (Bool) -> Void,
        where isNoted: @escaping @Sendable ([JournalWrite]) -> Bool
    ) -> MeanwhileJournal {
        MeanwhileJournal(
            it.world.journal,
            before: { writes in
                if isNoted(writes) { urgencies(CallUrgency.isUrgent) }
                return false
            },
            meanwhile: { _ in }
        )
    }

    @Test(arguments: [true, false]) func `is a compromise's at each step, and nothing's else`(
        isCompromise: Bool
    ) async throws {
        let it = try await Self.world()
        let seen = Mutex<[Bool]>([])
        let journal = Self.journal(
            of: it,
            noting: { isUrgent in seen.withLock { $0.append(isUrgent) } },
            where: { !$0.events.isEmpty }
        )
        try await it.withWorker(journal: journal) {
            let answer =
                isCompromise
                ? try await it.rotate(
                    reason: "compromise",
                    as: "gateway",
                    person: "security@example.test"
                ) : try await it.rotate()
            #expect(answer.type == .rotationAccepted)
            #expect(try await it.world.ended().end == .closed)
        }
        #expect(seen.withLock { $0.count } > 10)
        #expect(seen.withLock { $0.allSatisfy { $0 == isCompromise } })
    }

    // Else whoever may publish could have everything else wait.
    @Test func `is nobody's who may not declare or order it`() async throws {
        let it = try await Self.world()
        let seen = Mutex<[Bool]>([])
        let journal = Self.journal(
            of: it,
            noting: { isUrgent in seen.withLock { $0.append(isUrgent) } },
            where: { $0.contains { if case .handled = $0 { true } else { false } } }
        )
        try await it.withWorker(journal: journal) {
            #expect(try await it.rotate(reason: "compromise").type == .rotationDeclined)
            _ = try await it.command("pause", as: "stranger") { $0.secret = "orders" }
            _ = try await it.command("pause") { $0.secret = "orders" }
        }
        #expect(seen.withLock { $0 } == [false, false, true])
    }
}
