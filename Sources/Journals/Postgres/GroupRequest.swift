import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts

/// What one caller wants of a shared transaction.
enum GroupRequest: Sendable {
    case commit([PreparedWrite], under: Claim?)
    case receive([InboxEntry])
    case claim(RotationID, holder: String, seconds: Double)
    case release(Claim)
}

/// What one caller gets of a shared transaction, once that is durable.
enum GroupAnswer: Sendable, Equatable {
    case done
    case received([Bool])
    /// The claim's epoch; nil while another's claim lasts.
    case claimed(epoch: Int64?)
    case refused(JournalFailure)
}

/// A rotation's claim, as its row says.
struct ClaimRow: Sendable {
    var holder: String?
    var epoch: Int64
    var isOver: Bool
    /// How long it is to last from now; nil where the group did not change it.
    var seconds: Double?

    func isHeld(by claim: Claim) -> Bool { holder == claim.holder && epoch == claim.epoch }
}

/// A rotation, as its row says and as the group's appends change it.
struct RotationRow: Sendable {
    var number = 0
    var head: [UInt8]
    var isNew = true
    /// What the appends say of it; nil where there were none.
    var credential: CredentialID?
    var isOpen = true
    /// The last state that is to be written out, and its number.
    var state: Data?
    var stateNumber: Int?

    mutating func take(_ appended: PreparedEvents) {
        credential = appended.credential
        isOpen = appended.isOpen
        guard let state = appended.state else { return }
        self.state = state
        stateNumber = appended.numbers.last
    }
}

/// What a credential's record says of itself.
struct CredentialRow: Sendable {
    /// How often it was written; nil where the record cannot be read.
    let revision: Int?

    init(revision: Int) { self.revision = revision }

    init(record: [UInt8]) {
        do {
            let counted = try JournalCoding.decode(Counted.self, from: Data(record))
            revision = counted.revision ?? 0
        } catch {
            revision = nil
        }
    }

    private struct Counted: Decodable {
        /// Nil where a Rekey wrote it that did not count.
        var revision: Int?
    }
}
