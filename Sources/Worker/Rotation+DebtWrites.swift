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
        return (changed + givenUp.map(\.settled)).map { .debt($0) }
    }
}

extension Debt {
    fileprivate var settled: Debt {
        var debt = self
        debt.isPaid = true
        return debt
    }
}
