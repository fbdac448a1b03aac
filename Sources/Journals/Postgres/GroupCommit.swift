import RekeyPorts
import Synchronization

/// Collects what concurrent callers want to change into shared transactions.
///
/// A lone caller's change is committed at once. Those who come while a commit is on its way wait
/// for its end and then share the next, up to `largestGroup` of them. The first of a group writes
/// it for all, in its own task, and then wakes the first of the next.
///
/// Nobody is answered before the commit is durable.
final class GroupCommit: Sendable {
    static let largestGroup = 256

    /// What a caller that waited is told.
    private enum Turn: Sendable {
        case answered(GroupAnswer)
        /// It is to write the group whose first member it is.
        case leads
    }

    private struct Member: Sendable {
        let request: GroupRequest
        /// Nil for who leads the next group: nobody has to wake it.
        var caller: CheckedContinuation<Turn, Never>?
    }

    private struct State {
        var waiting: [Member] = []
        var isLed = false
        var counts = PostgresGroupCounts()
    }

    private let state = Mutex(State())
    private let write: @Sendable ([GroupRequest]) async -> [GroupAnswer]

    /// `write` answers for each request, in their order; it is called by one caller at a time.
    init(write: @escaping @Sendable ([GroupRequest]) async -> [GroupAnswer]) {
        self.write = write
    }

    var counts: PostgresGroupCounts { state.withLock { $0.counts } }

    /// Returns when the request is durable or refused.
    func run(_ request: GroupRequest) async -> GroupAnswer {
        let turn = await withCheckedContinuation { caller in
            let leads = state.withLock { state in
                state.waiting.append(Member(request: request, caller: state.isLed ? caller : nil))
                defer { state.isLed = true }
                return !state.isLed
            }
            if leads { caller.resume(returning: .leads) }
        }
        switch turn {
        case .answered(let answer): return answer
        case .leads: return await lead()
        }
    }

    /// Writes the group whose first member is the caller, and hands the lead on.
    private func lead() async -> GroupAnswer {
        let group = state.withLock { state in
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
        let answers = await write(group.map(\.request))
        let next = state.withLock { state -> CheckedContinuation<Turn, Never>? in
            state.counts.transactions += 1
            state.counts.callers += group.count
            guard !state.waiting.isEmpty else {
                state.isLed = false
                return nil
            }
            defer { state.waiting[0].caller = nil }
            return state.waiting[0].caller
        }
        next?.resume(returning: .leads)
        for (member, answer) in zip(group, answers) {
            member.caller?.resume(returning: .answered(answer))
        }
        return answers[0]
    }
}

/// How well commits are grouped.
package struct PostgresGroupCounts: Sendable, Equatable {
    /// Transactions that were made or refused as a whole.
    package var transactions = 0
    /// Callers whose requests they held.
    package var callers = 0

    package init() {}
}
