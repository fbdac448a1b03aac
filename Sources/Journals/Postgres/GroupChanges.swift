import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts

/// An event with its place in the audit chain.
struct ChainedEvent: Sendable {
    let rotation: RotationID
    let number: Int
    let event: Data
    let digest: [UInt8]
}

/// What a group changes, reduced to one change for each row.
struct GroupChanges: Sendable {
    struct TimerPlace: Hashable, Sendable {
        let rotation: RotationID
        let lane: String
    }

    struct DebtPlace: Hashable, Sendable {
        let credential: CredentialID
        let account: AccountID
    }

    let replica: String
    /// For the marks of handled and sent rows, by which they are pruned.
    let now: Date
    /// Credentials whose rows are there, and locked.
    let knownCredentials: Set<CredentialID>
    var claims: [RotationID: ClaimRow] = [:]
    var received: [InboxEntry] = []
    var rotations: [RotationID: RotationRow] = [:]
    var events: [ChainedEvent] = []
    private(set) var handled: Set<InboxEntry.ID> = []
    private(set) var leaving: Set<InboxEntry.ID> = []
    private(set) var enqueued: [OutboxRow] = []
    /// Rows that come after a `sent` of the same event.
    private(set) var enqueuedLate: [OutboxRow] = []
    private(set) var sent: Set<EventID> = []
    /// Nil for one that is disarmed.
    private(set) var timers: [TimerPlace: JournalTimer?] = [:]
    private(set) var credentials: [CredentialID: (record: CredentialRecord, bytes: Data)] = [:]
    private(set) var debts: [DebtPlace: (debt: Debt, bytes: Data)] = [:]

    init(replica: String, now: Date, knownCredentials: Set<CredentialID>) {
        self.replica = replica
        self.now = now
        self.knownCredentials = knownCredentials
    }

    var isEmpty: Bool {
        claims.isEmpty && received.isEmpty && events.isEmpty && leaving.isEmpty && enqueued.isEmpty
            && enqueuedLate.isEmpty && sent.isEmpty && timers.isEmpty && credentials.isEmpty
            && debts.isEmpty
    }

    mutating func add(_ write: PreparedWrite) {
        switch write {
        case .append: break  // Its events are chained by who has the rotation's row.
        case .credential(let record, let bytes): credentials[record.id] = (record, bytes)
        case .debt(let debt, let bytes):
            let place = DebtPlace(credential: debt.credential, account: debt.account)
            debts[place] = (debt, bytes)
        case .plain(let write): add(plain: write)
        }
    }

    private mutating func add(plain write: JournalWrite) {
        switch write {
        case .handled(let id):
            leaving.insert(id)
            handled.insert(id)
        case .waiting: break  // It is there, and locked.
        case .forget(let id): leaving.insert(id)
        case .enqueue(let row):
            if sent.contains(row.event) { enqueuedLate.append(row) } else { enqueued.append(row) }
        case .sent(let events): sent.formUnion(events)
        case .arm(let timer):
            timers[TimerPlace(rotation: timer.rotation, lane: timer.lane)] = .some(timer)
        case .disarm(let rotation, let lane):
            timers[TimerPlace(rotation: rotation, lane: lane)] = .some(nil)
        case .append, .credential, .debt:
            preconditionFailure("a write with a record is prepared")
        }
    }
}
