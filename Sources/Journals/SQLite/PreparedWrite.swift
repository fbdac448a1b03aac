import Foundation
import RekeyCore
import RekeyPorts

/// A write with its JSON made already, so that the one writer only runs statements.
enum PreparedWrite: Sendable {
    case append(PreparedEvent)
    case credential(CredentialID, record: Data)
    case debt(Debt, record: Data)
    /// A write that needs no JSON.
    case plain(JournalWrite)

    /// After how many events a rotation's state is written out: a reader folds fewer than that.
    static let snapshotSpan = 64

    /// Prepares in order.
    static func prepare(_ writes: [JournalWrite]) throws(JournalFailure) -> [PreparedWrite] {
        var prepared: [PreparedWrite] = []
        prepared.reserveCapacity(writes.count)
        for write in writes { prepared.append(try prepare(write)) }
        return prepared
    }

    private static func prepare(_ write: JournalWrite) throws(JournalFailure) -> PreparedWrite {
        switch write {
        case .append(let event, let state):
            let isWrittenOut = state.isOver || state.number.isMultiple(of: snapshotSpan)
            return .append(
                PreparedEvent(
                    rotation: state.id,
                    credential: state.plan.credential,
                    number: state.number,
                    isOpen: !state.isOver,
                    event: try JournalCoding.encode(event),
                    state: isWrittenOut ? try JournalCoding.encode(state) : nil
                )
            )
        case .credential(let record):
            return .credential(record.id, record: try JournalCoding.encode(record))
        case .debt(let debt):
            return .debt(debt, record: try JournalCoding.encode(debt))
        case .handled, .forget, .enqueue, .sent, .arm, .disarm:
            return .plain(write)
        }
    }
}

/// An event to append, and the state after it.
struct PreparedEvent: Sendable {
    let rotation: RotationID
    let credential: CredentialID
    let number: Int
    let isOpen: Bool
    let event: Data
    /// Nil where readers fold it from the events.
    let state: Data?
}
