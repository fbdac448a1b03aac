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
                // What a worker that ended had acknowledged and not begun is among these.
                for id in try await journal.reader.sleepers(limit: Self.takenUpAtOnce) { wake(id) }
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
