package import Foundation

/// When a routine rotation is due: pure, from what vault and journal know.
package enum DueDate {
    private static let secondsPerDay = 86_400.0

    /// The threshold before the end; nil where nothing is known that ends.
    ///
    /// `ends` is the earliest end that vault or target name. Where none is named, the value lasts
    /// its policy's lifetime from the last rotation. A credential that was never rotated and names
    /// no end is not due by itself.
    package static func next(
        _ policy: RotationPolicy,
        ends: Date?,
        lastRotatedAt: Date?
    ) -> Date? {
        let end = ends ?? lastRotatedAt.map { $0 + policy.lifetimeSeconds }
        return end.map { $0 - policy.thresholdSeconds }
    }

    /// Whether what is due at `date` may be done at `now`, to the second.
    package static func isDue(_ date: Date, at now: Date) -> Bool { date <= now }

    /// A third of a life, in whole days where it has three: 30 d give 10 d, 7 d give 3 d.
    package static func thirdOfLife(_ lifetimeSeconds: Double) -> Double {
        let third = lifetimeSeconds / 3
        guard third >= secondsPerDay else { return third }
        return (third / secondsPerDay).rounded(.up) * secondsPerDay
    }
}

/// How near its end a credential is, the worst first.
package enum DueState: String, Codable, Sendable, CaseIterable {
    case expired
    /// So near that a rotation should have ended it long ago: somebody has to look.
    case overdue
    case due
    case upToDate

    /// Judges by the earliest of several ends, such as those of two keys.
    ///
    /// `warningSeconds` before the end it is overdue; unless said, at half of the threshold.
    package init(
        ends: [Date],
        thresholdSeconds: Double,
        warningSeconds: Double? = nil,
        at now: Date
    ) {
        guard let end = ends.min() else {
            self = .upToDate
            return
        }
        let left = end.timeIntervalSince(now)
        if left <= 0 {
            self = .expired
        } else if left <= warningSeconds ?? thresholdSeconds / 2 {
            self = .overdue
        } else {
            self = left <= thresholdSeconds ? .due : .upToDate
        }
    }
}
