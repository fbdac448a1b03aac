import RealParts
import SQLiteJournal

/// What one round of the saga showed.
struct SagaRound: Sendable {
    let stepsPerSecond: Double
    let rotationsPerSecond: Double
    /// How many callers shared a commit on disk, on average.
    let callersPerCommit: Double
    let commitsPerStep: Double
}

extension SagaRig {
    /// Opens the load, measures once it has warmed up, shuts it, and waits until all is done.
    ///
    /// Throws where a rotation failed, or where the broker counted otherwise.
    func round() async throws -> SagaRound {
        let clock = ContinuousClock()
        let before = try await brokerTotals()
        let quiet = counts.totals
        load.open(inFlight)
        try await clock.sleep(for: .seconds(options.warmUp))
        let (start, first, grouped) = (clock.now, counts.totals, journal.groupCounts)
        try await clock.sleep(for: .seconds(options.seconds))
        let (end, last, groupedLast) = (clock.now, counts.totals, journal.groupCounts)
        load.shut()
        try await eventually(within: .seconds(60), "every rotation has ended") {
            load.runningCount == 0
        }
        try await hold(since: before, quiet: quiet)
        let seconds = start.duration(to: end) / .seconds(1)
        let commits = groupedLast.transactions - grouped.transactions
        let callers = groupedLast.callers - grouped.callers
        let steps = last.steps - first.steps
        guard steps > 0, commits > 0 else { throw BenchFailure("nothing was done in the round") }
        return SagaRound(
            stepsPerSecond: Double(steps) / seconds,
            rotationsPerSecond: Double(last.rotationsEnded - first.rotationsEnded) / seconds,
            callersPerCommit: Double(callers) / Double(commits),
            commitsPerStep: Double(commits) / Double(steps)
        )
    }

    /// Holds the counts of a round against the broker's own, once nothing is in flight.
    private func hold(since before: BrokerTotals, quiet: SagaTotals) async throws {
        do {
            try await eventually(within: .seconds(20), "the broker's counts agree") {
                let after = try await brokerTotals()
                let ours = counts.totals
                let sent = ours.confirmed - quiet.confirmed + ours.requested - quiet.requested
                return after.acknowledged - before.acknowledged
                    == ours.acknowledged - quiet.acknowledged
                    && after.confirmed - before.confirmed == sent
            }
        } catch {
            let after = try await brokerTotals()
            throw BenchFailure(
                "the broker counted otherwise: \(before) to \(after), ours \(quiet) to "
                    + "\(counts.totals)"
            )
        }
        guard counts.totals.rotationsFailed == quiet.rotationsFailed else {
            throw BenchFailure("a rotation did not close: \(counts.totals)")
        }
    }

    /// The node's own counters, of all its virtual hosts.
    private func brokerTotals() async throws -> BrokerTotals {
        let text = try await rabbit.evaluate(
            """
            Sum = fun(Name) -> lists:sum([maps:get(Name, C, 0)
              || C <- maps:values(rabbit_global_counters:overview())]) end,
            [Sum(messages_acknowledged_total), Sum(messages_confirmed_total)]
            """
        )
        let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        guard numbers.count == 2 else { throw BenchFailure("unexpected counters: \(text)") }
        return BrokerTotals(acknowledged: numbers[0], confirmed: numbers[1])
    }
}

/// What the broker itself counted.
struct BrokerTotals: Sendable, Equatable {
    let acknowledged: Int
    let confirmed: Int
}
