import RekeyCore
import Synchronization

/// Values that a target made and that are not staged yet, in the memory of this process only.
///
/// What is in here is lost with the process, and the saga knows how to go on without it. Another
/// worker may have gone on so meanwhile: a value is known by the account that it belongs to.
final class Pouch: Sendable {
    private let values = Mutex<[RotationID: (account: AccountID, secret: Secret)]>([:])

    /// Keeps a value in the place of an earlier one of the rotation.
    func keep(_ secret: Secret, of account: AccountID, for rotation: RotationID) {
        values.withLock { $0[rotation] = (account, secret) }
    }

    /// The value of an account that a rotation had made; nil where this process has another's.
    func value(of account: AccountID?, for rotation: RotationID) -> Secret? {
        values.withLock { values in
            guard let kept = values[rotation], kept.account == account else { return nil }
            return kept.secret
        }
    }

    func drop(_ rotation: RotationID) {
        values.withLock { _ = $0.removeValue(forKey: rotation) }
    }
}
