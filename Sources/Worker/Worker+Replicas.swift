import Foundation
import Logging
import RekeyCore
import RekeyPorts

// What a worker does for those that share its journal.
extension Worker {
    /// Takes up what other workers leave, until the task is cancelled.
    ///
    /// Throws `newerSchema` once one of them has made the journal unfit for this worker.
    func followOthers() async throws {
        guard let sharedJournal else { return try await clock.sleep(until: .distantFuture) }
        var asleep: Set<RotationID> = []
        var lookedAt = clock.bootSeconds
        while !Task.isCancelled {
            do {
                let work = try await sharedJournal.awaitWork()
                lookAgain()
                if clock.bootSeconds - lookedAt >= Self.sleeperSeconds {
                    asleep = try await wakeSleepers(foundBefore: asleep)
                    lookedAt = clock.bootSeconds
                }
                guard work == .inbox else { continue }
                for entry in try await journal.reader.inbox(limit: Self.takenUpAtOnce) {
                    begin(entry, isNew: false)
                }
            } catch let error as JournalFailure where error.isForNewerRekey {
                // Others have gone on to a journal that this worker must not write.
                throw error
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

    /// Wakes the open rotations that nobody holds, and returns what was found this time.
    ///
    /// Only those of two looks are woken: what another worker is about to begin looks the same for
    /// a moment. What one that ended had acknowledged and not begun is among them.
    private func wakeSleepers(foundBefore before: Set<RotationID>) async throws -> Set<RotationID> {
        let found = Set(try await journal.reader.sleepers(limit: Self.takenUpAtOnce))
        for id in found.intersection(before) { wake(id) }
        return found
    }

    private static let followPauseSeconds: Double = 1
    /// How long an open rotation sleeps before another worker takes it, at least.
    private static let sleeperSeconds: Double = 2
}

extension JournalFailure {
    fileprivate var isForNewerRekey: Bool {
        if case .newerSchema = self { true } else { false }
    }
}
