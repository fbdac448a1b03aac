package import Foundation

/// Everything a rotation needs to know, frozen when it is admitted.
///
/// A change of the configuration does not change a rotation in flight, but for one: workloads and
/// hooks that were added meanwhile join it, behind those that were frozen, before it ends a
/// credential that they may hold (`Rotation.widening`).
package struct RotationPlan: Codable, Equatable, Sendable {
    package var credential: CredentialID
    package var strategy: Strategy
    /// `nil` for `valueOnly`.
    package var target: TargetName?
    /// Where the bare candidate is kept until it is promoted.
    package var staging: SecretReference
    package var carriers: [PlannedCarrier]
    package var workloads: [PlannedWorkload]
    package var hooks: [PlannedHook]
    /// The account that the carriers name now: a role, or a key's id.
    package var previousAccount: AccountID?
    /// The account that is to be current, where it is known before the target is asked.
    package var candidateAccount: AccountID?
    /// When the previous credential ends by itself.
    package var previousEnd: Date?
    /// Rises with each rotation of the credential; every version that Rekey writes carries it.
    package var sequence: Int
    /// What earlier rotations left accepted, to be ended with the previous credential.
    package var inheritedDebts: [AccountID]?
    /// What earlier rotations left accepted, and gets another value by this one.
    package var overwrittenDebts: [AccountID]?
    /// Sign-ins of an earlier rotation that still count against the account.
    package var recentProbes: [Date]?
    package var policy: RotationPolicy

    package init(
        credential: CredentialID,
        strategy: Strategy,
        target: TargetName?,
        staging: SecretReference,
        carriers: [PlannedCarrier],
        workloads: [PlannedWorkload] = [],
        hooks: [PlannedHook] = [],
        previousAccount: AccountID? = nil,
        candidateAccount: AccountID? = nil,
        previousEnd: Date? = nil,
        sequence: Int,
        inheritedDebts: [AccountID]? = nil,
        overwrittenDebts: [AccountID]? = nil,
        policy: RotationPolicy = RotationPolicy()
    ) {
        self.credential = credential
        self.strategy = strategy
        self.target = target
        self.staging = staging
        self.carriers = carriers
        self.workloads = workloads
        self.hooks = hooks
        self.previousAccount = previousAccount
        self.candidateAccount = candidateAccount
        self.previousEnd = previousEnd
        self.sequence = sequence
        self.inheritedDebts = inheritedDebts
        self.overwrittenDebts = overwrittenDebts
        self.policy = policy
    }
}

extension RotationPlan {
    /// When an approval has to be there that was asked for at a time: by the policy, and so early
    /// that hooks and grace still fit before the old credential ends by itself.
    ///
    /// Where they did not fit any more, or it had ended, the policy's deadline counts: to go back
    /// would help nobody.
    func gateEnd(askedAt date: Date) -> Date {
        let end = date + policy.approvalDeadlineSeconds
        guard let previousEnd else { return end }
        let fitting = previousEnd - policy.secondsAfterGate(with: hooks)
        return fitting > date ? min(end, fitting) : end
    }

    /// How long a hook may take from its first start.
    package func deadlineSeconds(ofHook index: Int) -> Double {
        hooks[index].deadlineSeconds ?? policy.hookDeadlineSeconds
    }
}

/// A vault's entry that holds the credential, and the version that was its latest at admission.
package struct PlannedCarrier: Codable, Equatable, Sendable {
    package var reference: SecretReference
    package var format: ValueFormat
    package var audience: Audience
    package var base: VersionID?

    package init(
        _ reference: SecretReference,
        format: ValueFormat = .bare,
        audience: Audience = .everyone,
        base: VersionID? = nil
    ) {
        self.reference = reference
        self.format = format
        self.audience = audience
        self.base = base
    }
}

/// A workload that uses the credential, and what it has to show before the old one goes.
package struct PlannedWorkload: Codable, Equatable, Sendable {
    package enum Feed: String, Codable, Sendable { case vault, hook }

    package var name: WorkloadName
    package var deliveredBy: Feed
    package var needs: EvidenceLevel
    package var audience: Audience
    /// Workloads of one wave reload together; the next wave waits for their evidence.
    package var wave: Int
    /// By what the target knows its sessions, where it is to be watched there.
    package var sessions: SessionOrigin?

    package init(
        _ name: WorkloadName,
        deliveredBy: Feed = .vault,
        needs: EvidenceLevel = .healthy,
        audience: Audience = .everyone,
        wave: Int = 0,
        sessions: SessionOrigin? = nil
    ) {
        self.name = name
        self.deliveredBy = deliveredBy
        self.needs = needs
        self.audience = audience
        self.wave = wave
        self.sessions = sessions
    }
}

/// A hook to run when the rotation is complete.
package struct PlannedHook: Codable, Equatable, Sendable {
    package var name: HookName
    /// Hooks of one kind share a queue: `automation`, `site`, `webhook`.
    package var kind: String
    /// A required hook that failed keeps the old credential alive, and alarms.
    package var isRequired: Bool
    /// How long it may take from its first start; the policy says it where this is nil.
    package var deadlineSeconds: Double?

    package init(
        _ name: HookName,
        kind: String,
        isRequired: Bool = true,
        deadlineSeconds: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.deadlineSeconds = deadlineSeconds
    }
}

/// What a workload can show of the new credential, from weak to strong.
package enum EvidenceLevel: String, Codable, Sendable, CaseIterable, Comparable {
    case none, restarted, healthy, signedIn, proved

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .none: 0
        case .restarted: 1
        case .healthy: 2
        case .signedIn: 3
        case .proved: 4
        }
    }
}
