import RekeyCore

/// A mistake that a worker is made to make, to see that the sweep finds it.
package enum Mistake: String, Sendable, CaseIterable {
    // Mistakes of real rotation software, called N1 to N8.

    /// N1: the vault is written before the target accepts the value.
    case vaultBeforeTarget
    /// N2: an event rotates whatever version it names.
    case noVersionCheck
    /// N3: the old credential is revoked before the new one is kept anywhere.
    case revokeBeforePersist
    /// N4: the value is written first, and then its tags.
    case valueThenTags
    /// N5: each call has an id of its own, and none is kept.
    case unstableOperation
    /// N6: a lost answer counts as a failure, and the value is dropped.
    case ambiguousDropped
    /// N7: the candidate is in memory only when the target gets it.
    case candidateNotDurable
    /// N8: what failed never ends.
    case failedNeverEnds

    // What breaks one of the orders that the journal's design demands.

    /// A delivery is acknowledged before it is in the inbox.
    case ackBeforeInbox
    /// A deed is done before its intent is written.
    case effectBeforeIntent
    /// An event is published before what it tells is committed.
    case publishBeforeCommit
    /// An event counts as sent before the broker has confirmed it.
    case sentBeforeConfirm
    /// Whatever the broker answers counts as confirmed.
    case anyAnswerConfirms
    /// What an earlier process left in the inbox is never looked at.
    case noInboxSweep
    /// What an earlier process left in the outbox is never sent.
    case noOutboxSweep
    /// An outcome and its events are committed one after the other.
    case outcomeApartFromOutbox
    /// An event and what it tells are committed one after the other.
    case outboxBeforeOutcome
    /// A debt is written after the credential that it is about.
    case debtApart
    /// An event that was handled is handled again when it comes again.
    case noDeduplication
    /// A call whose answer was lost is made again at once.
    case repeatsBlindly
    /// The old credential goes though nobody has shown the new one.
    case revokeWithoutEvidence
    /// Who is added to the configuration in mid-rotation does not count.
    case freezesTheWorkloads

    package static let controls = Array(allCases.prefix(8))
    package static let mutants = Array(allCases.dropFirst(8))

    /// N1 to N8 for the mistakes of real software.
    package var name: String {
        Self.controls.firstIndex(of: self).map { "N\($0 + 1) \(rawValue)" } ?? rawValue
    }

    /// Where it has to show.
    package var course: Course {
        let (strategy, scenario): (Strategy, SweepScenario) =
            switch self {
            case .noVersionCheck: (.dualKey, .nearExpiry)
            case .revokeBeforePersist, .unstableOperation, .effectBeforeIntent, .repeatsBlindly:
                (.addThenRemove, .plain)
            case .ambiguousDropped: (.replace, .plain)
            case .freezesTheWorkloads: (.alternate, .joined)
            case .vaultBeforeTarget, .valueThenTags, .candidateNotDurable, .failedNeverEnds,
                .ackBeforeInbox, .publishBeforeCommit, .sentBeforeConfirm, .anyAnswerConfirms,
                .noInboxSweep, .noOutboxSweep, .outcomeApartFromOutbox, .outboxBeforeOutcome,
                .debtApart, .noDeduplication, .revokeWithoutEvidence:
                (.alternate, .plain)
            }
        let order: DeliveryOrder = self == .noDeduplication ? .late : .once
        return Course(strategy, scenario, order: order, mistake: self)
    }
}
