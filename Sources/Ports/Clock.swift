package import Foundation

/// What time it is, and waiting for it; a test drives it by hand.
package protocol Clock: Sendable {
    var now: Date { get }

    /// Seconds since boot, which no change of the date disturbs.
    var bootSeconds: Double { get }

    /// Returns at `date` or later. Throws only when the task is cancelled.
    func sleep(until date: Date) async throws
}
