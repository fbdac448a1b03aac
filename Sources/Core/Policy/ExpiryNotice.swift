package import Foundation

/// That a credential's end is near, to be told once for each version and threshold.
package struct ExpiryNotice: Equatable, Sendable {
    package let version: VersionID?
    package let end: Date
    /// Due at the policy's threshold, overdue at half of it, then expired.
    package let state: DueState

    /// What there is to tell of what the vaults hold; nil where no end is near.
    package init?(_ carriers: [AdmissionFacts.Carrier], _ policy: RotationPolicy, at now: Date) {
        let ending = carriers.filter { $0.expires != nil }
        let first = ending.min { ($0.expires ?? now) < ($1.expires ?? now) }
        guard let first, let end = first.expires else { return nil }
        self.init(version: first.latest, end: end, policy, at: now)
    }

    /// What there is to tell by the end that is on record.
    package init?(version: VersionID? = nil, end: Date, _ policy: RotationPolicy, at now: Date) {
        state = DueState(ends: [end], thresholdSeconds: policy.thresholdSeconds, at: now)
        guard state != .upToDate else { return nil }
        self.version = version
        self.end = end
    }

    /// Names version and threshold.
    package var mark: String { subject + markEnd }

    /// The version, or its end where nobody could read which one it is.
    private var subject: String { version?.text ?? endMark }

    private var endMark: String { "@" + Timestamp.text(end) }

    /// The end of every mark of this threshold.
    private var markEnd: String { "/\(state.rawValue)" }

    /// Whether any of `marks` is of this threshold, whatever version it names.
    package func isKnown(in marks: [String]) -> Bool {
        marks.contains { $0.hasSuffix(markEnd) }
    }

    /// Whether it was told, by its version or, while nobody could read that, by its end.
    package func isTold(in marks: [String]) -> Bool {
        marks.contains(mark) || marks.contains(endMark + markEnd)
    }

    /// `marks` and this one; those of other versions are forgotten.
    package func added(to marks: [String]) -> [String] {
        marks.filter { $0.hasPrefix(subject + "/") } + [mark]
    }
}
