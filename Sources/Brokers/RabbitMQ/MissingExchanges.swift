import Synchronization

/// Exchanges that were missing a moment ago.
///
/// A publication to one closes the channel under all others, again and again; so they are refused
/// at once for a while, until somebody may have declared it.
final class MissingExchanges: Sendable {
    private static let patience = Duration.seconds(10)
    private let since = Mutex<[String: ContinuousClock.Instant]>([:])

    func insert(_ exchange: String) { since.withLock { $0[exchange] = .now } }

    func contains(_ exchange: String) -> Bool {
        since.withLock { since in
            guard let instant = since[exchange] else { return false }
            guard instant.duration(to: .now) < Self.patience else {
                since[exchange] = nil
                return false
            }
            return true
        }
    }
}
