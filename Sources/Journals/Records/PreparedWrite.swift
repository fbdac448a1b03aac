package import Foundation
package import RekeyCore
package import RekeyPorts

/// A write with its JSON made already, so that a writer only runs statements.
package enum PreparedWrite: Sendable {
    /// All events of one rotation in a commit.
    case append(PreparedEvents)
    /// The record as the caller gave it, with the JSON of what it is once it was written.
    case credential(CredentialRecord, bytes: Data)
    case debt(Debt, bytes: Data)
    /// A write that needs no JSON.
    case plain(JournalWrite)

    /// After how many events a rotation's state is written out: a reader folds fewer than that.
    package static let snapshotSpan = 64

    /// Prepares in order, but each rotation's events where its first one is.
    package static func prepare(
        _ writes: [JournalWrite]
    ) throws(JournalFailure) -> [PreparedWrite] {
        var prepared: [PreparedWrite] = []
        prepared.reserveCapacity(writes.count)
        var begun: Set<RotationID> = []
        for write in writes {
            switch write {
            case .append(_, let state):
                guard begun.insert(state.id).inserted else { continue }
                prepared.append(.append(try PreparedEvents(of: state.id, in: writes)))
            case .credential(let record):
                let bytes = try Self.bytes(of: record.written, usual: record.written.usualJSON)
                prepared.append(.credential(record, bytes: bytes))
            case .debt(let debt):
                let bytes = try Self.bytes(of: debt, usual: debt.usualJSON)
                prepared.append(.debt(debt, bytes: bytes))
            case .handled, .waiting, .forget, .enqueue, .sent, .arm, .disarm:
                prepared.append(.plain(write))
            }
        }
        return prepared
    }

    fileprivate static func bytes(
        of value: some Encodable,
        usual: Data?
    ) throws(JournalFailure) -> Data {
        if let usual { return usual }
        return try JournalCoding.encode(value)
    }
}

/// Events to append to one rotation, and what is to be said of it after the last.
package struct PreparedEvents: Sendable {
    package let rotation: RotationID
    package let credential: CredentialID
    /// The numbers that the events have, in their order.
    package let numbers: [Int]
    package let events: [Data]
    package let isOpen: Bool
    /// The state after the last event; nil where readers fold it from the events.
    package let state: Data?

    /// Takes the events of one rotation, which has at least one, out of `writes`.
    init(of rotation: RotationID, in writes: [JournalWrite]) throws(JournalFailure) {
        var last: Rotation?
        var numbers: [Int] = []
        var events: [Data] = []
        for case .append(let event, let state) in writes where state.id == rotation {
            last = state
            numbers.append(state.number)
            events.append(try PreparedWrite.bytes(of: event, usual: event.usualJSON))
        }
        guard let last else { throw .unavailable("rotation \(rotation) has no events to write") }
        self.rotation = rotation
        credential = last.plan.credential
        self.numbers = numbers
        self.events = events
        isOpen = !last.isOver
        let span = PreparedWrite.snapshotSpan
        state = numbers.contains { $0.isMultiple(of: span) } ? try JournalCoding.encode(last) : nil
    }
}
