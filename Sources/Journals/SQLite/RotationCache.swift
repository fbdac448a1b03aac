import RekeyCore
import Synchronization

/// Decoded rotations, so that a rotation in work is not decoded again for each of its steps.
///
/// A rotation's id and number name its state for ever, so an entry is never wrong: whoever asks
/// has read the number from the journal.
final class RotationCache: Sendable {
    /// A rotation in memory takes a few KiB: this bounds the whole to a few MiB.
    static let limit = 512

    private let rotations = Mutex<[RotationID: Rotation]>([:])

    func rotation(_ id: RotationID, number: Int) -> Rotation? {
        rotations.withLock { rotations in
            rotations[id].flatMap { $0.number == number ? $0 : nil }
        }
    }

    /// Keeps `rotation`, unless it is over or a later state of it is here.
    func keep(_ rotation: Rotation) {
        rotations.withLock { rotations in
            if let known = rotations[rotation.id], known.number > rotation.number { return }
            guard !rotation.isOver else {
                rotations[rotation.id] = nil
                return
            }
            // Whichever goes is decoded again when it is asked for.
            if rotations.count >= Self.limit, rotations[rotation.id] == nil {
                rotations.removeAll(keepingCapacity: true)
            }
            rotations[rotation.id] = rotation
        }
    }
}
