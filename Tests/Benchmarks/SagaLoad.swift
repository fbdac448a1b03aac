import RekeyCore
import RekeyPorts
import Synchronization

/// Keeps a number of credentials rotating: when one's rotation has ended, the next is asked for.
final class SagaLoad: Sendable {
    private struct State {
        var isOpen = false
        var idle: [CredentialID]
        var running: Set<CredentialID> = []
        var asked = 0
    }

    private let state: Mutex<State>
    private let wanted: AsyncStream<[CredentialID]>
    private let want: AsyncStream<[CredentialID]>.Continuation

    init(_ credentials: [CredentialID]) {
        state = Mutex(State(idle: credentials.reversed()))
        (wanted, want) = AsyncStream.makeStream()
    }

    /// How many rotations were asked for and have not ended.
    var runningCount: Int { state.withLock { $0.running.count } }

    /// Begins to ask, for `count` credentials at once.
    func open(_ count: Int) {
        let first = state.withLock { state in
            state.isOpen = true
            return (0..<count).compactMap { _ in Self.next(&state) }
        }
        want.yield(first)
    }

    /// Asks no more; what runs goes on.
    func shut() { state.withLock { $0.isOpen = false } }

    /// Takes note that a credential's rotation ended.
    func ended(_ credential: CredentialID) {
        let next = state.withLock { state -> CredentialID? in
            guard state.running.remove(credential) != nil else { return nil }
            state.idle.insert(credential, at: 0)
            return state.isOpen ? Self.next(&state) : nil
        }
        if let next { want.yield([next]) }
    }

    /// Publishes the requests, until the task is cancelled.
    ///
    /// None waits for another's confirm: one after the other they were a few hundred in a second,
    /// and what was measured was this.
    func run(on broker: any Broker, counts: SagaCounts, eventBytes: Int) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await credentials in wanted {
                group.addTask {
                    let outcomes = await broker.publish(
                        credentials.map { self.request(for: $0, eventBytes: eventBytes) }
                    )
                    guard outcomes.allSatisfy({ $0 == .confirmed }) else {
                        throw BenchFailure("a request was not confirmed: \(outcomes)")
                    }
                    counts.change { $0.requested += credentials.count }
                }
            }
        }
    }

    private static func next(_ state: inout State) -> CredentialID? {
        guard let credential = state.idle.popLast() else { return nil }
        state.running.insert(credential)
        return credential
    }

    private func request(for credential: CredentialID, eventBytes: Int) -> Publication {
        let number = state.withLock { state in
            state.asked += 1
            return state.asked
        }
        return .request(for: credential, number: number, eventBytes: eventBytes)
    }
}
