import Foundation
import GRDB
import RekeyPorts
import Synchronization

/// Collects what concurrent callers want to change into shared transactions.
///
/// A lone caller's change is committed at once. Those who come while a commit is being synced to
/// disk wait for its end and then share the next, up to `largestGroup` of them. After a group of
/// `crowd` or more the next lingers for half of those who were just answered, since they mostly
/// come back: without it the callers fall into ever smaller crowds, and every sync serves only one.
///
/// Nobody is answered before the commit is durable. Where one caller fails, the group is written
/// again with a savepoint for each, so that nobody is taken along; savepoints copy each page that
/// they change, so a group without a failure has none.
final class GroupCommit: Sendable {
    static let largestGroup = 256
    /// The smallest group after which the next one lingers.
    static let crowd = 8
    /// A lingering group waits for this share of those who were answered: while the one half is
    /// being synced, the other half works.
    static let awaitedShare = 0.5
    /// So long a group lingers while nobody comes.
    static let quietSeconds = 0.005
    /// The longest that a group lingers.
    static let lingerSeconds = 0.02

    /// One caller, with what to do for it and how to answer it.
    private struct Member: Sendable {
        /// Makes the change; what it returns says so to the caller, once that is durable.
        let change: @Sendable (Database) throws -> @Sendable () -> Void
        let refuse: @Sendable (JournalFailure) -> Void
    }

    private struct State {
        var waiting: [Member] = []
        var isWriting = false
        /// How many have to wait before a lingering group goes; nil while none lingers.
        var wanted: Int?
        /// Set for good by an error after which the disk's content is uncertain, and by `stop`.
        var refusal: JournalFailure?
        var counts = GroupCounts()
    }

    private let queue: DatabaseQueue
    private let path: String
    private let state = Mutex(State())
    private let arrivals = NSCondition()

    init(queue: DatabaseQueue, path: String) {
        self.queue = queue
        self.path = path
    }

    /// Why nothing is written any more; nil unless an error of the disk came before.
    var end: JournalFailure? {
        guard case .ended(let what) = state.withLock({ $0.refusal }) else { return nil }
        return .ended(what)
    }

    var counts: GroupCounts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            return counts
        }
    }

    /// Returns when `change` is durable; throws when it did not happen.
    ///
    /// After an I/O error it may have happened: then this and every later call throws, until the
    /// journal is opened again.
    /// `whenDurable` is told what the change returned, before any caller sees it as done.
    func run<Value: Sendable>(
        _ change: @escaping @Sendable (Database) throws -> Value,
        whenDurable: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(JournalFailure) -> Value {
        let result: Result<Value, JournalFailure> = await withCheckedContinuation { caller in
            join(
                Member(
                    change: { database in
                        let value = try change(database)
                        return {
                            whenDurable(value)
                            caller.resume(returning: .success(value))
                        }
                    },
                    refuse: { caller.resume(returning: .failure($0)) }
                )
            )
        }
        return try result.get()
    }

    /// Refuses further work, and returns when the work in hand is done.
    func stop() async {
        state.withLock { $0.refusal = $0.refusal ?? .unavailable("\(path) was closed") }
        await withCheckedContinuation { caller in
            queue.asyncWriteWithoutTransaction { _ in caller.resume() }
        }
    }

    private func join(_ member: Member) {
        let (isFirst, isAwaited) = state.withLock { state in
            state.waiting.append(member)
            defer { state.isWriting = true }
            return (!state.isWriting, state.waiting.count == state.wanted)
        }
        if isAwaited { arrivals.withLock { arrivals.signal() } }
        guard isFirst else { return }
        queue.asyncWriteWithoutTransaction { database in
            while let group = self.nextGroup() {
                self.write(group, to: database)
                if group.count >= Self.crowd { self.linger(for: group.count) }
            }
        }
    }

    /// Waits, on the writer's thread, until half of the `answered` have come again, or not long.
    private func linger(for answered: Int) {
        let wanted = state.withLock { state in
            let awaited = Int(Double(answered) * Self.awaitedShare)
            let wanted = min(state.waiting.count + awaited, Self.largestGroup)
            state.wanted = wanted
            return wanted
        }
        let end = Date(timeIntervalSinceNow: Self.lingerSeconds)
        arrivals.withLock {
            // Whoever is awaited signals under this lock, so none can slip by between the two.
            var come = waitingCount
            while come < wanted {
                let quiet = Date(timeIntervalSinceNow: Self.quietSeconds)
                _ = arrivals.wait(until: min(quiet, end))
                let before = come
                come = waitingCount
                if come == before || Date() >= end { break }
            }
        }
        state.withLock { $0.wanted = nil }
    }

    private var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func nextGroup() -> [Member]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func write(_ group: [Member], to database: Database) {
        if let refusal = state.withLock({ $0.refusal }) {
            for member in group { member.refuse(refusal) }
            return
        }
        var refused: [(Member, JournalFailure)] = []
        var answers: [@Sendable () -> Void] = []
        do {
            answers = try attemptTogether(group, in: database)
            if answers.isEmpty { (answers, refused) = try attemptEach(group, in: database) }
        } catch {
            let failure = giveUp(after: error, in: database)
            for member in group { member.refuse(failure) }
            return
        }
        count(answers.count)
        for answer in answers { answer() }
        for (member, failure) in refused { member.refuse(failure) }
    }

    /// Commits all changes of a group; where a caller is to blame for a failure, commits none and
    /// returns no answers.
    private func attemptTogether(
        _ group: [Member],
        in database: Database
    ) throws -> [@Sendable () -> Void] {
        try database.run("BEGIN IMMEDIATE")
        do {
            let answers = try group.map { try $0.change(database) }
            try database.run("COMMIT")
            return answers
        } catch let error where Self.blamesCaller(error) && database.isInsideTransaction {
            try database.run("ROLLBACK")
            return []
        }
    }

    /// Commits the changes of those who do not fail.
    private func attemptEach(
        _ group: [Member],
        in database: Database
    ) throws -> (answers: [@Sendable () -> Void], refused: [(Member, JournalFailure)]) {
        var refused: [(Member, JournalFailure)] = []
        var answers: [@Sendable () -> Void] = []
        try database.run("BEGIN IMMEDIATE")
        for member in group {
            do {
                answers.append(try attempt(member, in: database))
            } catch let failure as JournalFailure {
                refused.append((member, failure))
            }
        }
        try database.run(answers.isEmpty ? "ROLLBACK" : "COMMIT")
        return (answers, refused)
    }

    /// Makes one caller's change whole; throws a `JournalFailure` where only that caller failed.
    private func attempt(
        _ member: Member,
        in database: Database
    ) throws -> @Sendable () -> Void {
        try database.run("SAVEPOINT caller")
        do {
            let answer = try member.change(database)
            try database.run("RELEASE caller")
            return answer
        } catch let error where Self.blamesCaller(error) {
            try database.run("ROLLBACK TO caller")
            try database.run("RELEASE caller")
            throw JournalFailure(error, at: path)
        }
    }

    private static func blamesCaller(_ error: any Error) -> Bool {
        switch error {
        case is JournalFailure: true
        case let error as DatabaseError: error.extendedResultCode.blamesCaller
        default: false
        }
    }

    private func giveUp(after error: any Error, in database: Database) -> JournalFailure {
        let failure = JournalFailure(error, at: path)
        var isUncertain = (error as? DatabaseError)?.extendedResultCode.isOfTheDisk ?? false
        if database.isInsideTransaction {
            // Some errors roll back by themselves; where this fails, nothing more can be trusted.
            do { try database.run("ROLLBACK") } catch { isUncertain = true }
        }
        if isUncertain {
            let refusal = JournalFailure.ended(
                "\(failure); whether the last commit happened is unknown, restart rekey"
            )
            state.withLock { $0.refusal = refusal }
            return refusal
        }
        return failure
    }

    private func count(_ callers: Int) {
        guard callers > 0 else { return }
        state.withLock { state in
            state.counts.transactions += 1
            state.counts.callers += callers
        }
    }
}

/// How well commits are grouped.
package struct GroupCounts: Sendable, Equatable {
    /// Durable commits, each with one sync of the disk.
    package var transactions = 0
    /// Callers whose changes they held.
    package var callers = 0
    /// Callers who wait for the next one now.
    package var waiting = 0
}

extension Database {
    /// Runs a statement that returns no rows, prepared once.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
