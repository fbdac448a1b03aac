import Foundation
import Logging
import RekeyPorts

// What is remembered only to keep duplicates out, and for how long.
extension Sweeper {
    /// Forgets the ids that no duplicate is taken for any more: those older than what the intake
    /// still takes, and than a publisher's clock may be ahead.
    ///
    /// In batches, so that commits are not held up.
    func prune() async {
        let date = clock.now - settings.rememberSeconds - Intake.clockSkewSeconds
        do {
            var count = Self.pruneBatch
            while count > 0, !Task.isCancelled {
                count = try await journal.prune(before: date, limit: Self.pruneBatch)
            }
        } catch {
            logger.warning(
                "old ids could not be forgotten",
                metadata: ["failure.reason": "\(error)"]
            )
        }
    }

    /// How often what is old enough is looked for.
    static let pruneSeconds: Double = 3_600
    private static let pruneBatch = 500
}
