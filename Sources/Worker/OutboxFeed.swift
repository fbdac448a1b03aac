import RekeyCore
import RekeyPorts
import Synchronization

/// Hands what this process commits to the outbox on to the relay, which need not read it again.
///
/// Only what is new to the outbox for certain is handed on: a row beside the event of its rotation,
/// which a journal takes once only. For anything else the relay falls behind: it reads the table,
/// and nothing is handed on until it begins to. So a row goes one of the two ways, and those of one
/// rotation in their order.
final class OutboxFeed: Sendable {
    private struct State {
        /// Being committed by this process, which hands them on then.
        var expected: Set<EventID> = []
        /// Committed, in that order.
        var fresh: [OutboxRow] = []
        /// Whether the table may hold rows that come no other way: those of an earlier process, and
        /// those that did not arrive.
        var isBehind = true

        mutating func fallBehind() {
            isBehind = true
            fresh = []
        }
    }

    private let state = Mutex(State())
    private let signal = Signal()

    /// Whether there is something to publish, as far as is known.
    var hasRows: Bool { state.withLock { $0.isBehind || !$0.fresh.isEmpty } }

    /// How many rows wait here.
    var freshCount: Int { state.withLock { $0.fresh.count } }

    /// Has the relay see whether a batch may begin.
    func raise() { signal.raise() }

    func wait() async { await signal.wait() }

    /// Has the relay read the table, whatever waits here: that is in the table too.
    func fallBehind() {
        state.withLock { $0.fallBehind() }
        signal.raise()
    }

    /// Takes note of rows that are about to be committed.
    func expect(_ rows: [OutboxRow]) {
        state.withLock { state in
            for row in rows { state.expected.insert(row.event) }
        }
    }

    /// Takes rows that were committed, after `expect`.
    func hand(on rows: [OutboxRow]) {
        state.withLock { state in
            for row in rows { state.expected.remove(row.event) }
            guard !state.isBehind else { return }
            state.fresh += rows
            if state.fresh.count > Self.freshLimit { state.fallBehind() }
        }
        signal.raise()
    }

    /// Forgets rows whose commit failed: what became of them, the table says.
    func forget(_ rows: [OutboxRow]) {
        state.withLock { state in
            for row in rows { state.expected.remove(row.event) }
            state.fallBehind()
        }
        signal.raise()
    }

    /// Whether the table has to be read; from now on rows are handed on again.
    func beginReading() -> Bool {
        state.withLock { state in
            defer { state.isBehind = false }
            return state.isBehind
        }
    }

    /// How many rows of the table may be known here.
    var knownCount: Int { state.withLock { $0.expected.count + $0.fresh.count } }

    /// Those of the table's rows that come no other way.
    func unknown(of rows: [OutboxRow]) -> [OutboxRow] {
        state.withLock { state in
            guard !state.expected.isEmpty || !state.fresh.isEmpty else { return rows }
            let fresh = Set(state.fresh.map(\.event))
            return rows.filter { !state.expected.contains($0.event) && !fresh.contains($0.event) }
        }
    }

    /// Takes up to `limit` rows, but none of these rotations.
    func take(_ limit: Int, without rotations: Set<RotationID>) -> [OutboxRow] {
        state.withLock { state in
            var taken: [OutboxRow] = []
            var left: [OutboxRow] = []
            for row in state.fresh {
                let isHeld = row.rotation.map { rotations.contains($0) } ?? false
                if isHeld || taken.count == limit { left.append(row) } else { taken.append(row) }
            }
            state.fresh = left
            return taken
        }
    }

    /// More wait in the table only, which is where the broker's troubles may leave any number.
    private static let freshLimit = 4_096
}
