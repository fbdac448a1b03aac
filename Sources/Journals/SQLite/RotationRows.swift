import Foundation
import RekeyCore
import Synchronization

/// Where the rotations of late are in the table and how far they are, so that appending to one
/// reads nothing first.
///
/// What is here was durable. A writer still checks the number: whoever wrote in between, in the
/// same transaction for instance, is found by it.
final class RotationRows: Sendable {
    struct Place: Sendable {
        let rotation: RotationID
        /// The key of its row.
        var row: Int64
        /// How many events it has.
        let number: Int
        /// The digest of the last.
        let head: [UInt8]
        let isOpen: Bool
    }

    /// About 200 bytes each.
    static let limit = 4_096

    private let places = Mutex<[RotationID: Place]>([:])

    func place(of rotation: RotationID) -> Place? { places.withLock { $0[rotation] } }

    /// Keeps the places of what became durable; those of ended rotations are of no more use.
    func keep(_ written: [Place]) {
        guard !written.isEmpty else { return }
        places.withLock { places in
            if places.count + written.count > Self.limit { places.removeAll() }
            for place in written { places[place.rotation] = place.isOpen ? place : nil }
        }
    }
}
