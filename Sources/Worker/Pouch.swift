import RekeyCore
import Synchronization

/// Values that a target made and that are not staged yet, in the memory of this process only.
///
/// What is in here is lost with the process, and the saga knows how to go on without it.
final class Pouch: Sendable {
    private let values = Mutex<[RotationID: Secret]>([:])

    func keep(_ secret: Secret, for rotation: RotationID) {
        values.withLock { $0[rotation] = secret }
    }

    func value(for rotation: RotationID) -> Secret? {
        values.withLock { $0[rotation] }
    }

    func drop(_ rotation: RotationID) {
        values.withLock { _ = $0.removeValue(forKey: rotation) }
    }
}
