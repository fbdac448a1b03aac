import Foundation
import Logging
import RekeyCore
import RekeyPorts

/// Wakes rotations when their timers are due.
struct TimerLoop: Sendable {
    let journal: any Journal
    let clock: any RekeyPorts.Clock
    let logger: Logger
    /// Raised when a commit may have set an earlier timer.
    let signal: Signal
    let begin: @Sendable (JournalTimer) -> Void

    /// Runs until the task is cancelled.
    func run() async throws {
        signal.raise()
        while !Task.isCancelled {
            let next = await wakeDue()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await signal.wait() }
                group.addTask {
                    // Cancelled when the signal comes first.
                    try? await clock.sleep(until: next)
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Begins what is due, and answers when to look again.
    private func wakeDue() async -> Date {
        let now = clock.now
        do {
            let due = try await journal.reader.timers(dueAt: now, limit: Self.batch)
            for timer in due { begin(timer) }
            // A timer stays until its turn sets another or disarms it; look again after a pause.
            if !due.isEmpty { return now + Self.shortestPauseSeconds }
            return try await journal.reader.nextTimer() ?? now + Self.longestPauseSeconds
        } catch {
            logger.error("timers cannot be read", metadata: ["failure.reason": "\(error)"])
            return now + Self.longestPauseSeconds
        }
    }

    private static let batch = 256
    private static let shortestPauseSeconds: Double = 0.05
    private static let longestPauseSeconds: Double = 10
}
