import RekeyCore
package import RekeyPorts
import Testing

/// What every `Journal` must do, promise by promise, each on a journal of its own.
package struct JournalConformance: Sendable, CustomTestStringConvertible {
    /// Makes an empty journal that goes by the given clock.
    package typealias Maker = @Sendable (any Clock) async throws -> any Journal

    package let promise: String
    private let body: @Sendable (JournalBench) async throws -> Void

    init(
        _ promise: String,
        check body: @escaping @Sendable (JournalBench) async throws -> Void
    ) {
        self.promise = promise
        self.body = body
    }

    package var testDescription: String { promise }

    /// Holds one adapter to this promise.
    package func check(_ makeJournal: Maker) async throws {
        let clock = SetClock()
        try await body(JournalBench(journal: makeJournal(clock), clock: clock))
    }

    package static let all: [JournalConformance] =
        [inbox, commits, outbox, claims, timers, records, revisions, crowds, pruning]
        .flatMap(\.self)
}

/// Holds an adapter to every promise of its port.
package func expectConformance(of makeJournal: JournalConformance.Maker) async throws {
    for conformance in JournalConformance.all { try await conformance.check(makeJournal) }
}

/// A journal under test, and the clock that it goes by.
struct JournalBench: Sendable {
    let journal: any Journal
    let clock: SetClock

    var reader: any JournalReader { journal.reader }

    func commit(_ writes: JournalWrite..., under claim: Claim? = nil) async throws {
        try await journal.commit(writes, under: claim)
    }

    /// Begins a rotation, and answers with its state.
    @discardableResult
    func begin(_ id: RotationID, of credential: CredentialID = "db") async throws -> Rotation {
        let (event, state) = try Sample.accepted(id, credential: credential, at: clock.now)
        try await commit(.append(event, state: state))
        return state
    }
}
