import Foundation
import Logging
import RekeyPorts

// What a worker does for those that share its journal.
extension Worker {
    /// Takes up what other workers leave, until the task is cancelled.
    func followOthers() async throws {
        guard let sharedJournal else { return try await clock.sleep(until: .distantFuture) }
        while !Task.isCancelled {
            do {
                let work = try await sharedJournal.awaitWork()
                lookAgain()
                guard work == .inbox else { continue }
                for entry in try await journal.reader.inbox(limit: Self.takenUpAtOnce) {
                    begin(entry, isNew: false)
                }
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning(
                    "the other workers cannot be followed",
                    metadata: ["failure.reason": "\(error)"]
                )
                try await clock.sleep(until: clock.now + Self.followPauseSeconds)
            }
        }
    }

    private static let followPauseSeconds: Double = 1
}
