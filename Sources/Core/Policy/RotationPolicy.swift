/// When and how a credential rotates, resolved for one rotation.
///
/// Times are in seconds.
package struct RotationPolicy: Codable, Equatable, Sendable {
    /// How long a new value is to last, for `exp` and for values that the target dates.
    package var lifetimeSeconds: Double
    /// How long before its end a credential is due.
    package var thresholdSeconds: Double
    /// How long old and new are both accepted after the rotation is complete.
    package var graceSeconds: Double
    /// How long a target may take to accept and prove the candidate.
    package var proveDeadlineSeconds: Double
    /// How long workloads may take to show their evidence.
    package var verifyDeadlineSeconds: Double
    /// How long a hook may take from its first start.
    package var hookDeadlineSeconds: Double
    /// Whether a person has to approve before the rotation completes.
    package var needsApproval: Bool
    /// How long a person may take.
    package var approvalDeadlineSeconds: Double
    /// How many values are tried when the target's policy refuses one.
    package var valueAttempts: Int
    /// How often a failing call is repeated before a step that can still go back does so.
    package var callAttempts: Int
    /// How often in an hour Rekey may sign in to see which value is live.
    ///
    /// A wrong guess counts against the account, which locks itself out after a number of them.
    package var probesPerHour: Int
    /// The longest call to an outside system; a successor waits as long before it trusts absence.
    package var callDeadlineSeconds: Double
    package var firstBackoffSeconds: Double
    package var longestBackoffSeconds: Double
    package var generator: GeneratorPolicy

    package init(
        lifetimeSeconds: Double = 90 * 86_400,
        thresholdSeconds: Double = 14 * 86_400,
        graceSeconds: Double = 3_600,
        proveDeadlineSeconds: Double = 600,
        verifyDeadlineSeconds: Double = 3_600,
        hookDeadlineSeconds: Double = 3_600,
        needsApproval: Bool = false,
        approvalDeadlineSeconds: Double = 86_400,
        valueAttempts: Int = 3,
        callAttempts: Int = 5,
        probesPerHour: Int = 12,
        callDeadlineSeconds: Double = 30,
        firstBackoffSeconds: Double = 0.5,
        longestBackoffSeconds: Double = 60,
        generator: GeneratorPolicy = .password(length: 32)
    ) {
        self.lifetimeSeconds = lifetimeSeconds
        self.thresholdSeconds = thresholdSeconds
        self.graceSeconds = graceSeconds
        self.proveDeadlineSeconds = proveDeadlineSeconds
        self.verifyDeadlineSeconds = verifyDeadlineSeconds
        self.hookDeadlineSeconds = hookDeadlineSeconds
        self.needsApproval = needsApproval
        self.approvalDeadlineSeconds = approvalDeadlineSeconds
        self.valueAttempts = valueAttempts
        self.callAttempts = callAttempts
        self.probesPerHour = probesPerHour
        self.callDeadlineSeconds = callDeadlineSeconds
        self.firstBackoffSeconds = firstBackoffSeconds
        self.longestBackoffSeconds = longestBackoffSeconds
        self.generator = generator
    }

    /// The wait before the next attempt, after `failures` in a row: doubling, up to the longest.
    package func backoffSeconds(afterFailures failures: Int) -> Double {
        var seconds = firstBackoffSeconds
        for _ in 1..<max(failures, 1) where seconds < longestBackoffSeconds { seconds *= 2 }
        return min(seconds, longestBackoffSeconds)
    }

    /// The same where nobody waits for what fails: past the longest it grows on, by a tenth each.
    ///
    /// So the end of an outage is seen a tenth late, and the longest. Every attempt is an event
    /// that the journal keeps for ever, and an outage of days had thousands of them.
    package func idleBackoffSeconds(afterFailures failures: Int) -> Double {
        let longest = max(longestBackoffSeconds, Self.longestIdleBackoffSeconds)
        var seconds = firstBackoffSeconds
        for _ in 1..<max(failures, 1) where seconds < longest {
            let isDoubled = seconds < longestBackoffSeconds
            seconds =
                isDoubled ? min(seconds * 2, longestBackoffSeconds) : seconds * Self.idleGrowth
        }
        return min(seconds, longest)
    }

    private static let longestIdleBackoffSeconds: Double = 900
    private static let idleGrowth = 1.1

    /// The wait before somebody is asked again who has not shown enough, after `spent` seconds: a
    /// tenth of them, within the limits of the backoff.
    ///
    /// What is shown is seen a tenth late at most, and nobody is asked thousands of times. After a
    /// date that was put back it is not known how long, and the wait is the longest.
    package func askingSeconds(afterSeconds spent: Double) -> Double {
        guard spent >= 0 else { return longestBackoffSeconds }
        return min(max(spent / 10, firstBackoffSeconds), longestBackoffSeconds)
    }

    /// How long hooks and grace may take once a person has approved.
    package func secondsAfterGate(with hooks: [PlannedHook]) -> Double {
        graceSeconds + longestHookSeconds(of: hooks)
    }

    /// How long the slowest of some hooks may take from its first start; 0 where there is none.
    package func longestHookSeconds(of hooks: [PlannedHook]) -> Double {
        hooks.map { $0.deadlineSeconds ?? hookDeadlineSeconds }.max() ?? 0
    }
}
