/// A step of the saga: one subscriber with a queue of its own.
package enum Step: String, Codable, Sendable, CaseIterable {
    case admit, stage, apply, prove, promote, refresh, verify, complete, hook, retire, close
    case restore

    /// The fact that a rotation publishes when this step is done.
    package var fact: EventType {
        switch self {
        case .admit: .rotationAccepted
        case .stage: .candidateStaged
        case .apply: .candidateApplied
        case .prove: .candidateProved
        case .promote: .secretPromoted
        case .refresh: .workloadsRefreshed
        case .verify: .rotationVerified
        case .complete: .rotationCompleted
        case .hook: .hooksSucceeded
        case .retire: .credentialRetired
        case .close: .rotationClosed
        case .restore: .rotationRolledBack
        }
    }

    /// The facts that wake this step; the journal decides whether it may run.
    package var reactsTo: [EventType] {
        switch self {
        case .admit: [.secretNearExpiry, .rotationRequested]
        case .stage: [.rotationAccepted, .attemptRefused]
        case .apply: [.candidateStaged]
        case .prove: [.candidateApplied]
        case .promote: [.candidateProved, .phaseFinished]
        case .refresh: [.secretPromoted]
        case .verify: [.workloadsRefreshed, .rotationApproved]
        case .complete: [.rotationVerified]
        case .hook: [.rotationCompleted]
        case .retire: [.rotationCompleted, .hooksSucceeded]
        case .close: [.credentialRetired, .hooksSuperseded]
        case .restore: [.rotationFailed]
        }
    }
}
