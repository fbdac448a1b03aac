import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts

/// Decides, by rows that are locked, who of a group is refused, and gathers what the others change.
///
/// The callers are concurrent, so that any order of theirs is a true one; within one caller's
/// writes the order is kept.
struct GroupDecision {
    private(set) var rows: LockedRows
    private(set) var answers: [GroupAnswer] = []
    private(set) var changes: GroupChanges

    init(_ requests: [GroupRequest], _ rows: LockedRows, replica: String, now: Date) {
        self.rows = rows
        changes = GroupChanges(
            replica: replica,
            now: now,
            knownCredentials: Set(rows.credentials.keys)
        )
        for request in requests { answers.append(answer(to: request)) }
        changes.rotations = self.rows.rotations.filter { $0.value.credential != nil }
    }

    private mutating func answer(to request: GroupRequest) -> GroupAnswer {
        do throws(JournalFailure) {
            switch request {
            case .claim(let rotation, let holder, let seconds):
                return .claimed(epoch: claim(rotation, for: holder, seconds: seconds))
            case .release(let claim):
                release(claim)
                return .done
            case .receive(let entries): return .received(entries.map { receive($0) })
            case .commit(let writes, let claim):
                try check(claim)
                let (appended, events) = try chain(writes)
                let left = try entries(leavingBy: writes)
                try checkCredentials(of: writes)
                rows.waiting.subtract(left)
                rows.rotations.merge(appended) { $1 }
                changes.events += events
                for write in writes { changes.add(write) }
                return .done
            }
        } catch {
            return .refused(error)
        }
    }

    private mutating func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) -> Int64? {
        // A row that is absent was skipped: whoever has it locked is at work on the rotation.
        guard var row = rows.claims[rotation] else { return nil }
        guard row.holder == nil || row.holder == holder || row.isOver else { return nil }
        row = ClaimRow(holder: holder, epoch: row.epoch + 1, isOver: false, seconds: seconds)
        rows.claims[rotation] = row
        changes.claims[rotation] = row
        return row.epoch
    }

    private mutating func release(_ claim: Claim) {
        guard var row = rows.claims[claim.rotation], row.isHeld(by: claim) else { return }
        row.holder = nil
        row.seconds = 0
        rows.claims[claim.rotation] = row
        changes.claims[claim.rotation] = row
    }

    private mutating func receive(_ entry: InboxEntry) -> Bool {
        guard rows.entries.insert(entry.id).inserted else { return false }
        rows.waiting.insert(entry.id)
        changes.received.append(entry)
        return true
    }

    private func check(_ claim: Claim?) throws(JournalFailure) {
        guard let claim, rows.claims[claim.rotation]?.isHeld(by: claim) != true else { return }
        throw .staleClaim("rotation \(claim.rotation), epoch \(claim.epoch)")
    }

    /// Chains the events of `writes` to what is there, and answers the rows after them.
    private func chain(
        _ writes: [PreparedWrite]
    ) throws(JournalFailure) -> (after: [RotationID: RotationRow], events: [ChainedEvent]) {
        var after: [RotationID: RotationRow] = [:]
        var events: [ChainedEvent] = []
        for case .append(let appended) in writes {
            let id = appended.rotation
            var row = rows.rotations[id] ?? RotationRow(head: AuditChain.beginning(of: id))
            for (number, event) in zip(appended.numbers, appended.events) {
                guard number == row.number + 1 else {
                    throw .conflict("rotation \(id) is at \(row.number), not \(number - 1)")
                }
                row.number = number
                row.head = AuditChain.next(after: row.head, bytes: [UInt8](event))
                events.append(
                    ChainedEvent(rotation: id, number: number, event: event, digest: row.head)
                )
            }
            row.take(appended)
            after[id] = row
        }
        return (after, events)
    }

    /// What `writes` take out of the inbox; throws `gone` where it is not there for them.
    private func entries(
        leavingBy writes: [PreparedWrite]
    ) throws(JournalFailure) -> Set<InboxEntry.ID> {
        var left: Set<InboxEntry.ID> = []
        for case .plain(let write) in writes {
            switch write {
            case .handled(let id), .waiting(let id):
                guard rows.waiting.contains(id), !left.contains(id) else {
                    throw .gone(id.description)
                }
                if case .handled = write { left.insert(id) }
            case .forget(let id): left.insert(id)
            default: break  // The others are about no entry.
            }
        }
        return left
    }

    /// Refuses a record that was made of another than the one that is there.
    private mutating func checkCredentials(of writes: [PreparedWrite]) throws(JournalFailure) {
        var after = rows.credentials
        for case .credential(let record, _) in writes {
            let row = after[record.id] ?? CredentialRow(revision: 0)
            guard let revision = row.revision else {
                throw .damaged("the record of credential \(record.id)")
            }
            guard record.revision ?? 0 == revision else {
                throw .conflict("credential \(record.id) is at revision \(revision)")
            }
            after[record.id] = CredentialRow(revision: revision + 1)
        }
        rows.credentials = after
    }
}
