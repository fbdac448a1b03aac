package import Foundation
package import RekeyCore

/// The durable memory of Rekey.
///
/// It never holds a secret value.
///
/// Every call that returns has happened durably (for an adapter that is durable at all), and all
/// writes of one `commit` happen or none. Commits of several callers may share one transaction
/// underneath, each still whole or absent by itself.
package protocol Journal: Sendable {
    /// This journal's own id: events of another journal's rotations are parked.
    var id: String { get }

    /// Puts deliveries into the inbox. Answers for each whether it is new there.
    ///
    /// An entry whose id its lane already has, handled or not, changes nothing. Where one holds a
    /// text that cannot be kept none of the call is received (`unwritable`), and other callers'
    /// are: whatever a caller wants to write, it takes nobody along.
    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool]

    /// Writes all of `writes`, in order, or none.
    ///
    /// With a claim, nothing is written (`staleClaim`) once another holder has claimed the same
    /// rotation or the claim was released. An `append` that is not the next is a `conflict`, and so
    /// is a `credential` that was made of another record than the one that is there. Whose entry
    /// the inbox has no more, for whichever worker, is told that it is `gone`: of all commits that
    /// handle an entry one succeeds.
    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure)

    /// Claims a rotation for `holder` for `seconds` of boot time, or answers nil while another
    /// holder's claim lasts. Claiming again by the same holder renews, with a new epoch.
    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    )
        async throws(JournalFailure) -> Claim?

    /// Gives a claim back. Giving back a stale claim changes nothing.
    func release(_ claim: Claim) async throws(JournalFailure)

    /// Forgets ids that keep duplicates out: of what was handled and of announcements that were
    /// sent before `date`. At most `limit` of each, the oldest first; answers how many went.
    ///
    /// What waits stays, and so does every rotation, credential, debt and timer. A large batch
    /// would hold up commits: call it with a small limit until it answers 0.
    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int

    /// What is there, without changing it.
    var reader: any JournalReader { get }
}

/// Reads a journal, and changes nothing; a status command opens only this.
package protocol JournalReader: Sendable {
    func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation?

    /// The newest first.
    func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation]

    /// A rotation's events with their chained digests, in order.
    func history(of rotation: RotationID) async throws(JournalFailure) -> [HistoryEntry]

    /// Inbox entries that nobody has handled, the urgent and then the oldest first.
    func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry]

    /// Outbox rows that are not marked sent, in the order of commit.
    func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow]

    /// Timers due at `date`, the urgent and then the earliest first.
    func timers(dueAt date: Date, limit: Int) async throws(JournalFailure) -> [JournalTimer]

    /// When the next timer is due.
    func nextTimer() async throws(JournalFailure) -> Date?

    func credentials() async throws(JournalFailure) -> [CredentialRecord]
    func credential(_ id: CredentialID) async throws(JournalFailure) -> CredentialRecord?
    func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt]
    /// Those of one credential alone, as often as rotations begin: in a storm thousands are owed.
    func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt]

    /// Open rotations that nobody would wake: without claim, timer, inbox entry or unsent row.
    ///
    /// The timer of `Lane.revocation` does not count: it wakes no step, and a compromise has it
    /// from its first commit to its deadline.
    func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID]

    /// How much is there; throws `ended` where nothing more can be written beside.
    func counts() async throws(JournalFailure) -> JournalCounts
}

/// Which rotations to read.
package struct RotationQuery: Sendable, Equatable {
    package var credential: CredentialID?
    package var openOnly: Bool
    package var limit: Int

    package init(credential: CredentialID? = nil, openOnly: Bool = false, limit: Int = 100) {
        self.credential = credential
        self.openOnly = openOnly
        self.limit = limit
    }
}

/// One event of a rotation, as the audit chain holds it.
package struct HistoryEntry: Sendable, Equatable {
    package let number: Int
    package let event: RotationEvent
    /// SHA-256 over the previous digest and this entry's bytes, as hexadecimal digits; empty
    /// where an adapter keeps no chain.
    package let digest: String

    package init(number: Int, event: RotationEvent, digest: String) {
        self.number = number
        self.event = event
        self.digest = digest
    }
}

/// How much is in a journal, for metrics and status.
package struct JournalCounts: Sendable, Equatable {
    package var openRotations: Int
    package var waitingInbox: Int
    package var unsentOutbox: Int
    package var oldestUnsent: Date?
    package var timers: Int
    package var unpaidDebts: Int

    package init(
        openRotations: Int = 0,
        waitingInbox: Int = 0,
        unsentOutbox: Int = 0,
        oldestUnsent: Date? = nil,
        timers: Int = 0,
        unpaidDebts: Int = 0
    ) {
        self.openRotations = openRotations
        self.waitingInbox = waitingInbox
        self.unsentOutbox = unsentOutbox
        self.oldestUnsent = oldestUnsent
        self.timers = timers
        self.unpaidDebts = unpaidDebts
    }
}

/// A worker's right to a rotation until a deadline.
package struct Claim: Sendable, Equatable {
    package let rotation: RotationID
    package let holder: String
    /// Rises with every claim of the rotation: a write under an older one is refused.
    package let epoch: Int64
    /// On the clock of `CLOCK_BOOTTIME`, in seconds.
    package let untilBootSeconds: Double

    package init(rotation: RotationID, holder: String, epoch: Int64, untilBootSeconds: Double) {
        self.rotation = rotation
        self.holder = holder
        self.epoch = epoch
        self.untilBootSeconds = untilBootSeconds
    }
}
