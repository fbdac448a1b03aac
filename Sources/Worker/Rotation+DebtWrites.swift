import RekeyCore
import RekeyPorts

extension Rotation {
    /// What the journal has to learn of debts that were made, paid or given up since `before`.
    ///
    /// Going back gives up the debt of the previous credential: it is current again, and stays.
    func debtWrites(since before: Rotation) -> [JournalWrite] {
        let changed = debts.filter { !before.debts.contains($0) }
        let givenUp = before.debts.filter { old in
            !debts.contains { $0.account == old.account }
        }
        let settled = givenUp.map(\.settled) + overwritten(since: before)
        return (changed + settled).map { .debt($0) }
    }

    /// What an earlier rotation owed is dead once the target has another value in its place.
    private func overwritten(since before: Rotation) -> [Debt] {
        guard hasOverwritten, !before.hasOverwritten, let account = candidate.account,
            plan.overwrittenDebts?.contains(account) == true
        else { return [] }
        let debt = Debt(
            credential: plan.credential,
            target: plan.target,
            account: account,
            rotation: id,
            since: times.acceptedAt
        )
        return [debt.settled]
    }

    private var hasOverwritten: Bool { candidate.isApplied || candidate.issued != nil }
}

extension Debt {
    fileprivate var settled: Debt {
        var debt = self
        debt.isPaid = true
        return debt
    }
}
