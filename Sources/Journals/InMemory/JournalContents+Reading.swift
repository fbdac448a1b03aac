import RekeyCore
import RekeyPorts

/// Reading that takes more than a look-up. Every limit below zero counts as zero.
extension JournalContents {
    func rotations(_ query: RotationQuery) -> [Rotation] {
        // Of all that ever were, few are open.
        let ids = query.openOnly ? Array(open.ordered) : order
        let found = ids.reversed().lazy
            .compactMap { chapters[$0]?.state }
            .filter { query.credential == nil || $0.plan.credential == query.credential }
            .filter { !query.openOnly || !$0.isOver }
        return Array(found.prefix(max(query.limit, 0)))
    }

    func inbox(limit: Int) -> [InboxEntry] {
        let urgent = Array(urgentInbox.ordered.prefix(max(limit, 0)))
        return urgent + calmInbox.ordered.prefix(max(limit, 0) - urgent.count)
    }

    func sleepers(at bootSeconds: Double, limit: Int) -> [RotationID] {
        let deadline = RekeyCore.Lane.revocation.description
        var awake = Set(timers.keys.filter { $0.name != deadline }.map(\.rotation))
        awake.formUnion(urgentInbox.ordered.compactMap(\.rotation))
        awake.formUnion(calmInbox.ordered.compactMap(\.rotation))
        awake.formUnion(unsent.ordered.compactMap(\.rotation))
        let asleep = open.ordered.lazy.filter {
            !awake.contains($0) && !isClaimed($0, at: bootSeconds)
        }
        return Array(asleep.prefix(max(limit, 0)))
    }

    var counts: JournalCounts {
        JournalCounts(
            openRotations: open.count,
            waitingInbox: urgentInbox.count + calmInbox.count,
            unsentOutbox: unsent.count,
            oldestUnsent: unsent.ordered.lazy.map(\.createdAt).min(),
            timers: timers.count,
            unpaidDebts: debts.values.count { !$0.isPaid }
        )
    }
}
