import Foundation
import RekeyCore
import RekeyPorts

/// Everything an `InMemoryJournal` remembers, as one value behind its lock.
struct JournalContents: Sendable {
    struct Chapter: Sendable {
        var state: Rotation
        var events: [RotationEvent]
    }

    struct Lane: Hashable, Sendable {
        let rotation: RotationID
        let name: String
    }

    struct Debtor: Hashable, Sendable {
        let credential: CredentialID
        let account: AccountID
    }

    /// The last claim of a rotation: its epoch stays when it is given back.
    struct ClaimRow: Sendable {
        var epoch: Int64 = 0
        var holder: String?
        var untilBootSeconds = 0.0
    }

    private(set) var chapters: [RotationID: Chapter] = [:]
    /// Every rotation in the order of its first event.
    private(set) var order: [RotationID] = []
    private(set) var open = OrderedRows<RotationID, RotationID>()
    private(set) var urgentInbox = OrderedRows<InboxEntry.ID, InboxEntry>()
    private(set) var calmInbox = OrderedRows<InboxEntry.ID, InboxEntry>()
    private(set) var unsent = OrderedRows<EventID, OutboxRow>()
    private(set) var timers: [Lane: JournalTimer] = [:]
    private(set) var credentials: [CredentialID: CredentialRecord] = [:]
    private(set) var debts: [Debtor: Debt] = [:]
    /// Since when each is remembered.
    private var handled: [InboxEntry.ID: Date] = [:]
    private var announced: [EventID: Date] = [:]
    private var claims: [RotationID: ClaimRow] = [:]

    mutating func receive(_ entry: InboxEntry) -> Bool {
        guard handled[entry.id] == nil, urgentInbox[entry.id] == nil,
            calmInbox[entry.id] == nil
        else { return false }
        if entry.isUrgent {
            urgentInbox.add(entry, as: entry.id)
        } else {
            calmInbox.add(entry, as: entry.id)
        }
        return true
    }

    /// Writes all of `writes` or, when it throws, none: whatever can fail is checked first.
    mutating func commit(
        _ writes: [JournalWrite],
        under claim: Claim?,
        at now: Date
    ) throws(JournalFailure) {
        if let claim { try check(claim) }
        try checkNumbers(of: writes)
        try checkRevisions(of: writes)
        try checkEntries(of: writes)
        for write in writes { apply(write, at: now) }
    }

    mutating func claim(
        _ rotation: RotationID,
        for holder: String,
        at bootSeconds: Double,
        seconds: Double
    ) -> Claim? {
        var row = claims[rotation] ?? ClaimRow()
        if let other = row.holder, other != holder, row.untilBootSeconds > bootSeconds {
            return nil
        }
        row.epoch += 1
        row.holder = holder
        row.untilBootSeconds = bootSeconds + seconds
        claims[rotation] = row
        return Claim(
            rotation: rotation,
            holder: holder,
            epoch: row.epoch,
            untilBootSeconds: row.untilBootSeconds
        )
    }

    mutating func release(_ claim: Claim) {
        guard isHeld(claim) else { return }
        claims[claim.rotation]?.holder = nil
    }

    mutating func voidClaims() {
        for rotation in claims.keys { claims[rotation]?.holder = nil }
    }

    func isClaimed(_ rotation: RotationID, at bootSeconds: Double) -> Bool {
        guard let row = claims[rotation], row.holder != nil else { return false }
        return row.untilBootSeconds > bootSeconds
    }

    private func isHeld(_ claim: Claim) -> Bool {
        guard let row = claims[claim.rotation] else { return false }
        return row.holder == claim.holder && row.epoch == claim.epoch
    }

    private func check(_ claim: Claim) throws(JournalFailure) {
        guard isHeld(claim) else {
            throw .staleClaim("rotation \(claim.rotation), epoch \(claim.epoch)")
        }
    }

    private func checkNumbers(of writes: [JournalWrite]) throws(JournalFailure) {
        var numbers: [RotationID: Int] = [:]
        for case .append(_, let state) in writes {
            let last = numbers[state.id] ?? chapters[state.id]?.state.number ?? 0
            guard state.number == last + 1 else {
                throw .conflict("rotation \(state.id) is at \(last), not \(state.number - 1)")
            }
            numbers[state.id] = state.number
        }
    }

    private func checkRevisions(of writes: [JournalWrite]) throws(JournalFailure) {
        var revisions: [CredentialID: Int] = [:]
        for case .credential(let record) in writes {
            let last = revisions[record.id] ?? credentials[record.id]?.revision ?? 0
            guard record.revision ?? 0 == last else {
                throw .conflict("credential \(record.id) is at revision \(last)")
            }
            revisions[record.id] = last + 1
        }
    }

    private func checkEntries(of writes: [JournalWrite]) throws(JournalFailure) {
        var left: Set<InboxEntry.ID> = []
        for write in writes {
            switch write {
            case .handled(let id), .waiting(let id):
                let isThere = urgentInbox[id] != nil || calmInbox[id] != nil
                guard isThere, !left.contains(id) else { throw .gone(id.description) }
                if case .handled = write { left.insert(id) }
            case .forget(let id): left.insert(id)
            default: break  // The others are about no entry.
            }
        }
    }

    mutating func prune(before date: Date, limit: Int) -> Int {
        let ids = handled.filter { $0.value < date }.sorted { $0.value < $1.value }
            .prefix(max(limit, 0))
        for (id, _) in ids { handled[id] = nil }
        let events = announced.filter { $0.value < date }.sorted { $0.value < $1.value }
            .prefix(max(limit, 0))
        for (event, _) in events { announced[event] = nil }
        return ids.count + events.count
    }

    private mutating func apply(_ write: JournalWrite, at now: Date) {
        switch write {
        case .append(let event, let state): append(event, state)
        case .handled(let id):
            urgentInbox.remove(id)
            calmInbox.remove(id)
            handled[id] = now
        case .waiting: break  // It is there, as was checked.
        case .forget(let id):
            urgentInbox.remove(id)
            calmInbox.remove(id)
        case .enqueue(let row):
            if row.mustArrive || announced[row.event] == nil { unsent.add(row, as: row.event) }
        case .sent(let events):
            for event in events {
                if unsent[event]?.mustArrive == false { announced[event] = announced[event] ?? now }
                unsent.remove(event)
            }
        case .arm(let timer):
            timers[Lane(rotation: timer.rotation, name: timer.lane)] = timer
        case .disarm(let rotation, let lane):
            timers[Lane(rotation: rotation, name: lane)] = nil
        case .credential(let record): credentials[record.id] = record.written
        case .debt(let debt):
            debts[Debtor(credential: debt.credential, account: debt.account)] = debt
        }
    }

    private mutating func append(_ event: RotationEvent, _ state: Rotation) {
        if chapters[state.id] == nil {
            chapters[state.id] = Chapter(state: state, events: [event])
            order.append(state.id)
        } else {
            chapters[state.id]?.state = state
            chapters[state.id]?.events.append(event)
        }
        if state.isOver {
            open.remove(state.id)
        } else {
            open.add(state.id, as: state.id)
        }
    }
}
