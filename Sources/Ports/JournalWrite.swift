package import Foundation
package import RekeyCore

/// One change of the journal, as data.
package enum JournalWrite: Sendable, Equatable {
    /// Adds an event to a rotation, whose state after it is `state`; `state.number` is its number.
    /// The first event of a rotation has number 1.
    ///
    /// Indirect, since a state is large and writes are passed on by many hands.
    indirect case append(RotationEvent, state: Rotation)
    /// Marks an inbox entry handled: its id is remembered, so that a redelivery changes nothing.
    case handled(InboxEntry.ID)
    /// Changes nothing, and is refused as `handled` would be: for a part of an entry's work.
    case waiting(InboxEntry.ID)
    /// Drops an inbox entry, whose id is not remembered: one that advanced nothing.
    case forget(InboxEntry.ID)
    /// Adds a row to the outbox. An event id that waits there changes nothing, and neither does
    /// that of an announcement (not `mustArrive`) that was sent.
    case enqueue(OutboxRow)
    /// Takes rows out of the outbox, by event id, once they were sent.
    case sent([EventID])
    /// Sets the one timer of a rotation's lane.
    case arm(JournalTimer)
    case disarm(RotationID, lane: String)
    /// Adds or replaces what is known of a credential: a record as it was read, and then changed.
    case credential(CredentialRecord)
    /// Adds or replaces a debt, by credential and account.
    case debt(Debt)
}

/// A delivery as the inbox keeps it.
package struct InboxEntry: Sendable, Equatable {
    package struct ID: Hashable, Sendable, CustomStringConvertible {
        package let lane: String
        package let event: EventID

        package init(lane: String, event: EventID) {
            self.lane = lane
            self.event = event
        }

        package var description: String { "\(lane)/\(event)" }
    }

    package let id: ID
    package let type: EventType
    /// The rotation that the event is about, where it is about one.
    package let rotation: RotationID?
    package let body: [UInt8]
    /// Who published it, as the broker checked.
    package let userID: String?
    /// Who published it again after it was parked; nil where nobody did.
    package let replayedBy: String?
    package let isUrgent: Bool
    package let receivedAt: Date

    package init(
        id: ID,
        type: EventType,
        rotation: RotationID?,
        body: [UInt8],
        userID: String? = nil,
        replayedBy: String? = nil,
        isUrgent: Bool = false,
        receivedAt: Date
    ) {
        self.id = id
        self.type = type
        self.rotation = rotation
        self.body = body
        self.userID = userID
        self.replayedBy = replayedBy
        self.isUrgent = isUrgent
        self.receivedAt = receivedAt
    }
}

/// An event to publish, written with the state that caused it.
package struct OutboxRow: Sendable, Equatable {
    package let event: EventID
    package let type: EventType
    package let rotation: RotationID?
    package let body: [UInt8]
    /// Whether a step or a required hook has to take it: a return then counts as undelivered.
    package let mustArrive: Bool
    package let isUrgent: Bool
    package let createdAt: Date

    package init(
        event: EventID,
        type: EventType,
        rotation: RotationID?,
        body: [UInt8],
        mustArrive: Bool,
        isUrgent: Bool = false,
        createdAt: Date
    ) {
        self.event = event
        self.type = type
        self.rotation = rotation
        self.body = body
        self.mustArrive = mustArrive
        self.isUrgent = isUrgent
        self.createdAt = createdAt
    }
}

/// Wakes a rotation's lane at a time.
package struct JournalTimer: Sendable, Equatable {
    package let rotation: RotationID
    /// A step's name, or `hook.<kind>`.
    package let lane: String
    package let dueAt: Date
    package let isUrgent: Bool

    package init(rotation: RotationID, lane: String, dueAt: Date, isUrgent: Bool = false) {
        self.rotation = rotation
        self.lane = lane
        self.dueAt = dueAt
        self.isUrgent = isUrgent
    }
}

/// What is known of a credential between its rotations.
package struct CredentialRecord: Sendable, Equatable, Codable {
    package let id: CredentialID
    /// The `rekey-seq` last given out.
    package var sequence: Int
    /// The account that the carriers name.
    package var account: AccountID?
    package var adoptedAt: Date
    package var lastRotatedAt: Date?
    /// The same before that, for a rotation that goes back after its completion.
    package var rotatedBeforeAt: Date?
    /// When the vault's current version ends by itself.
    package var expiresAt: Date?
    /// When the sweeper will ask for a rotation.
    package var dueAt: Date?
    /// No routine rotation before this, after one that failed.
    package var notBefore: Date?
    package var failedRotations: Int
    package var isPaused: Bool
    /// What somebody was told of: `<version>/<state>`, such as `1f…/overdue`.
    package var noticed: [String]?
    /// When its account was signed in to to learn what it accepts: the last hour's count against
    /// the budget of the next rotation too.
    package var probes: [Date]?
    /// How often it was written; nil for one that never was, or only by a Rekey that did not count.
    ///
    /// A journal counts, and takes a record only in the place of the one that it was made of.
    package private(set) var revision: Int?

    package init(
        id: CredentialID,
        sequence: Int = 0,
        account: AccountID? = nil,
        adoptedAt: Date,
        lastRotatedAt: Date? = nil,
        expiresAt: Date? = nil,
        dueAt: Date? = nil,
        notBefore: Date? = nil,
        failedRotations: Int = 0,
        isPaused: Bool = false,
        noticed: [String]? = nil,
        probes: [Date]? = nil
    ) {
        self.id = id
        self.sequence = sequence
        self.account = account
        self.adoptedAt = adoptedAt
        self.lastRotatedAt = lastRotatedAt
        self.expiresAt = expiresAt
        self.dueAt = dueAt
        self.notBefore = notBefore
        self.failedRotations = failedRotations
        self.isPaused = isPaused
        self.noticed = noticed
        self.probes = probes
    }

    /// As a journal keeps it once it was written, and as the next change is to be made of it.
    package var written: CredentialRecord {
        var record = self
        record.revision = (revision ?? 0) + 1
        return record
    }
}
