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

    /// Prepares in order.
    ///
    /// The state of a rotation is encoded once, with its last event.
    static func prepare(_ writes: [JournalWrite]) throws(JournalFailure) -> [PreparedWrite] {
        var lasts: [RotationID: Int] = [:]
        for case .append(_, let state) in writes { lasts[state.id] = state.number }
        var prepared: [PreparedWrite] = []
        prepared.reserveCapacity(writes.count)
        for write in writes {
            prepared.append(try prepare(write, lasts: lasts))
        }
        return prepared
    }

    private static func prepare(
        _ write: JournalWrite,
        lasts: [RotationID: Int]
    ) throws(JournalFailure) -> PreparedWrite {
        switch write {
        case .append(let event, let state):
            let isLast = lasts[state.id] == state.number
            return .append(
                PreparedEvent(
                    rotation: state.id,
                    credential: state.plan.credential,
                    number: state.number,
                    isOpen: !state.isOver,
                    event: try JournalCoding.encode(event),
                    state: isLast ? try JournalCoding.encode(state) : nil
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
    /// Nil where a later event of the same commit brings it.
    let state: Data?
}
