import Foundation
import Logging
import RekeyCore
import RekeyPorts
import Synchronization

/// Hands work to turns: in parallel, but one at a time for each rotation and credential.
///
/// What is urgent takes the next turn that is free, and what has begun goes before what is only
/// asked for: thousands may be due at once, and each turn may wait for a host's limits.
final class Scheduler: Sendable {
    /// Something to do, and by what it is serialised.
    struct Work: Sendable {
        let key: String
        /// Names the work itself: while it waits or runs, work of the same name is not taken.
        let name: String
        /// Whether it came into being just now, so that running work of its name is not it.
        ///
        /// The turn that runs may have looked before whatever this came to tell; one that waits
        /// has yet to look.
        var isNew = false
        var rank = Rank.begun
        let body: @Sendable () async throws -> Turn.Result
    }

    /// Whose turn comes first.
    enum Rank: Sendable {
        /// About a compromise, or a person waits for it.
        case urgent
        /// Of a rotation that goes on.
        case begun
        /// Asks for a rotation. It has the rest of the turns, and some of them in any case.
        case asked
    }

    fileprivate struct State {
        var running: Set<String> = []
        var waiting: [String: [Work]] = [:]
        /// How much work of a name waits or runs.
        var held: [String: Int] = [:]
        var lines: [Rank: Line] = [:]
        /// How many turns went to others since one was given to somebody who asks.
        var passedOver = 0
        /// How many turns are taken.
        var turns = 0
        var isDraining = false
    }

    private let state = Mutex(State())
    /// Raised where a turn may have become possible.
    private let signal = Signal()
    private let turnsAtOnce: Int
    private let clock: any RekeyPorts.Clock
    private let logger: Logger

    init(turnsAtOnce: Int, clock: any RekeyPorts.Clock, logger: Logger) {
        self.turnsAtOnce = turnsAtOnce
        self.clock = clock
        self.logger = logger
    }

    /// Takes work on, unless it is not new and work of its name waits or runs already.
    func submit(_ work: Work) {
        let isReady = state.withLock { state in
            let held = state.held[work.name] ?? 0
            // Of one name at most one runs, so of two one waits.
            guard held < (work.isNew ? 2 : 1) else { return false }
            state.held[work.name, default: 0] += 1
            guard state.running.insert(work.key).inserted else {
                state.waiting[work.key, default: []].append(work)
                return false
            }
            return true
        }
        if isReady { line(up: work) }
    }

    /// How many rotations and credentials are being worked on.
    var busyCount: Int { state.withLock { $0.running.count } }

    /// Runs until the task is cancelled, or `drain` was called and what was begun has ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                while let work = takeTurn() {
                    group.addTask { await self.perform(andNextAfter: work) }
                }
                if state.withLock({ $0.isDraining }) { return }
                await signal.wait()
            }
        }
    }

    /// The work of a turn that was free; nil where there is no work, or no free turn.
    private func takeTurn() -> Work? {
        state.withLock { state in
            guard state.turns < turnsAtOnce, let work = state.nextInLine() else { return nil }
            state.turns += 1
            return work
        }
    }

    /// Uses a turn for as long as there is work in the lines.
    private func perform(andNextAfter work: Work) async {
        var next: Work? = work
        while let work = next {
            await perform(work)
            next = state.withLock { state in
                let next = Task.isCancelled ? nil : state.nextInLine()
                if next == nil { state.turns -= 1 }
                return next
            }
        }
    }

    private func line(up work: Work) {
        let isFree = state.withLock { state in
            state.lines[work.rank, default: Line()].append(work)
            return state.turns < turnsAtOnce
        }
        if isFree { signal.raise() }
    }

    /// Takes nothing more on.
    func drain() {
        state.withLock { $0.isDraining = true }
        signal.raise()
    }

    private func perform(_ work: Work) async {
        var isDone = false
        do {
            isDone = try await CallUrgency.$isUrgent.withValue(work.rank == .urgent) {
                try await work.body() != .busy
            }
        } catch is CancellationError {
            return finish(work)
        } catch {
            logger.warning(
                "a turn will be repeated",
                metadata: ["work": "\(work.key)", "failure.reason": "\(error)"]
            )
        }
        if !isDone {
            // Cancelled while waiting: the journal still has the work.
            try? await clock.sleep(until: clock.now + Self.repeatSeconds)
        }
        finish(work)
        guard !isDone, !Task.isCancelled else { return }
        var again = work
        again.isNew = false
        submit(again)
    }

    private func finish(_ work: Work) {
        let next = state.withLock { state -> Work? in
            let left = (state.held[work.name] ?? 1) - 1
            state.held[work.name] = left > 0 ? left : nil
            guard var queue = state.waiting[work.key], !queue.isEmpty else {
                state.waiting[work.key] = nil
                state.running.remove(work.key)
                return nil
            }
            let next = queue.removeFirst()
            state.waiting[work.key] = queue
            return next
        }
        if let next { line(up: next) }
    }

    /// How long a turn waits before it is tried again, after the journal failed it.
    private static let repeatSeconds: Double = 0.25
}

extension Scheduler.State {
    fileprivate mutating func nextInLine() -> Scheduler.Work? {
        guard !isDraining else { return nil }
        if let urgent = lines[.urgent]?.popFirst() { return urgent }
        if passedOver < Self.passedOverLimit, let begun = lines[.begun]?.popFirst() {
            passedOver += 1
            return begun
        }
        passedOver = 0
        return lines[.asked]?.popFirst() ?? lines[.begun]?.popFirst()
    }

    /// Of so many turns and one, one goes to somebody who asks.
    private static let passedOverLimit = 3
}

extension Scheduler {
    /// Work in the order in which it came.
    fileprivate struct Line {
        private var works: [Work] = []
        private var first = 0

        mutating func append(_ work: Work) { works.append(work) }

        mutating func popFirst() -> Work? {
            guard first < works.count else { return nil }
            defer {
                first += 1
                // Now and then, so that a long line is not moved up for each.
                if first == works.count || first >= Self.movesUpAfter {
                    works.removeFirst(first)
                    first = 0
                }
            }
            return works[first]
        }

        private static let movesUpAfter = 256
    }
}
