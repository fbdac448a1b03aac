import RekeyCore
import Synchronization

/// The last committed state of rotations in work, so that a step reads and decodes nothing.
///
/// Only the one writer puts states in, after each commit and before it tells anybody, so what is
/// here is what a reader of the file would fold.
final class RotationCache: Sendable {
    /// A rotation in memory takes a few KiB: this bounds the whole to a few MiB.
    static let limit = 2_048

    private let rotations = Mutex<[RotationID: Rotation]>([:])

    func rotation(_ id: RotationID) -> Rotation? { rotations.withLock { $0[id] } }

    /// Keeps `rotation`, unless it is over.
    func keep(_ rotation: Rotation) {
        rotations.withLock { rotations in
            guard !rotation.isOver else {
                rotations[rotation.id] = nil
                return
            }
            if rotations.count >= Self.limit, rotations[rotation.id] == nil {
                // Whichever goes is folded again when it is asked for.
                rotations.remove(at: rotations.startIndex)
            }
            rotations[rotation.id] = rotation
        }
    }
}
