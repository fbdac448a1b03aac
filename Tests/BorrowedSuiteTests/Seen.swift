import RekeyCore
import Synchronization

/// The values that a target was offered, by the order of their first offer.
final class Seen: Sendable {
    private let values = Mutex<[Secret]>([])

    /// Whether `value` is one of the first `count` that were offered.
    func isAmongFirst(_ count: Int, _ value: Secret) -> Bool {
        values.withLock { values in
            if !values.contains(where: { $0 == value }) { values.append(value) }
            return values.prefix(count).contains { $0 == value }
        }
    }
}
