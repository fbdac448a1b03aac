package import Foundation

/// One rotation of one credential, as far as its events tell.
///
/// The saga is two pure functions: `fold` takes an event into the state, and `next` says what to
/// do about it. The worker does the effect, and records what came of it as another event.
package struct Rotation: Codable, Equatable, Sendable {
    package enum End: String, Codable, Sendable {
        case closed, rolledBack, abandoned
    }

    package let id: RotationID
    package internal(set) var plan: RotationPlan
    package internal(set) var reason: RotationReason
    package internal(set) var requestedBy: String
    /// How many events were folded: the transition number.
    package internal(set) var number = 1
    /// The step to be done now; meaningless once `end` is set.
    package internal(set) var step = Step.stage
    package internal(set) var end: End?
    package internal(set) var isUrgent: Bool

    /// The pass that promote, refresh and verify are in, from 1.
    package internal(set) var pass = 1
    /// The passes of the strategy, and those that going back added.
    package internal(set) var passes: [Pass]
    package internal(set) var candidate = Candidate()
    package internal(set) var carriers: [CarrierProgress]
    package internal(set) var workloads: [WorkloadProgress]
    package internal(set) var hooks: [HookProgress]
    /// Set once somebody joined whom the plan had not when it was frozen.
    package internal(set) var joined: Joined?
    package internal(set) var debts: [Debt] = []
    /// When the last hour's sign-ins were made that tell which value is live.
    package internal(set) var probes: [Date]?
    /// Set where the reason has a deadline.
    package internal(set) var revocation: Revocation?
    /// Requests by which this rotation became a compromise's, in time to make its value after.
    package internal(set) var servedRequests: [EventID]?

    package internal(set) var intent: Intent?
    /// When the last write to a carrier has ended whose answer was lost and which was made again.
    package internal(set) var writesEndAt: Date?
    package internal(set) var failures = 0
    package internal(set) var retryAt: Date?
    package internal(set) var lastFailure: StepFailure?
    /// Why a person has to decide, while one has to.
    package internal(set) var stuckReason: String?
    /// Why it goes back, where it does.
    package internal(set) var gaveUpReason: String?
    package internal(set) var approval = Approval.notAsked
    package internal(set) var times: RotationTimes
    package internal(set) var checks = StepChecks()

    package enum Approval: Codable, Equatable, Sendable {
        case notAsked, asked(Date), approved(by: String), rejected(by: String)
    }

    /// Begins a rotation by its first event, which has to be `accepted`.
    package init?(_ id: RotationID, startingWith event: RotationEvent) {
        guard case .accepted(let plan, let reason, let requester, let date) = event else {
            return nil
        }
        self.id = id
        self.plan = plan
        self.reason = reason
        self.requestedBy = requester
        self.isUrgent = reason.isCompromise
        self.passes = plan.strategy.passes
        self.carriers = plan.carriers.map { CarrierProgress(latest: $0.base) }
        self.workloads = plan.workloads.map { _ in WorkloadProgress() }
        self.hooks = plan.hooks.map { _ in HookProgress() }
        self.times = RotationTimes(acceptedAt: date, stepBeganAt: date)
        self.candidate.account = plan.candidateAccount
        self.probes = plan.recentProbes
        self.revocation = reason.revokeBy.map { Revocation(dueAt: $0) }
        for account in plan.inheritedDebts ?? [] { owe(account, at: date) }
    }

    /// Replays a history.
    ///
    /// Returns nil where it does not begin with `accepted`.
    package init?(_ id: RotationID, replaying events: [RotationEvent]) {
        guard let first = events.first, var rotation = Rotation(id, startingWith: first) else {
            return nil
        }
        for event in events.dropFirst() { rotation.fold(event) }
        self = rotation
    }

    package var isOver: Bool { end != nil }
    package var isGoingBack: Bool { gaveUpReason != nil }
    package var currentPass: Pass { passes[pass - 1] }

    /// The pass that hooks tell of.
    ///
    /// It stays the same for as long as one may be running, whatever passes begin meanwhile.
    package var hookPass: Int {
        isGoingBack ? passes.count : plan.strategy.passesBeforeComplete
    }

    /// Whether any carrier was written, or may have been.
    package var hasPromoted: Bool {
        if carriers.contains(where: { $0.pass > 0 }) { return true }
        if case .writeCarrier = intent?.effect { return true }
        // One that was given up may have landed after the look, or land yet.
        return writesEndAt != nil
    }

    /// The natural key of a deed, the same however often it is tried.
    package func naturalKey(of effect: Effect) -> NaturalKey {
        let open = intent?.effect == effect ? intent?.pass : nil
        return key(of: effect, inPass: open ?? pass(of: effect))
    }

    /// The pass that an effect which is begun now belongs to.
    func pass(of effect: Effect) -> Int {
        switch effect {
        case .refresh, .observe: followedPass
        default: pass  // The others belong to the present one, or to none.
        }
    }

    /// Whether this is the tag of a write to a carrier in a pass before the present one, in which
    /// the carrier is not written yet.
    ///
    /// A write that was given up counts as never made, and may have landed all the same.
    package func isEarlierWrite(_ tag: String, of index: Int) -> Bool {
        let first = max(carriers[index].pass, 1)
        guard first < pass else { return false }
        return (first..<pass).contains { tag == key(of: .writeCarrier(index), inPass: $0).text }
    }

    private func key(of effect: Effect, inPass pass: Int) -> NaturalKey {
        let purpose = effect.purpose(inPass: pass, hookPass: hookPass)
        return NaturalKey("\(id)/\(purpose)/\(candidate.attempt)")
    }
}

/// When things happened, for waits, deadlines and the record.
package struct RotationTimes: Codable, Equatable, Sendable {
    package internal(set) var acceptedAt: Date
    package internal(set) var stepBeganAt: Date
    package internal(set) var appliedAt: Date?
    /// When the target took the previous value back, where it has room for one only.
    package internal(set) var reinstalledAt: Date?
    package internal(set) var lastRefreshedAt: Date?
    package internal(set) var completedAt: Date?
    package internal(set) var retiredAt: Date?
    package internal(set) var endedAt: Date?
}

/// What was looked at within the present step; forgotten when the step ends.
package struct StepChecks: Codable, Equatable, Sendable {
    package internal(set) var carriersWritable = false
    package internal(set) var reproved = false
    package internal(set) var isSilent = false
    /// When the last answer came, where that was one that keeps the old credential alive.
    package internal(set) var shutAt: Date?
    /// When the last call failed.
    package internal(set) var failedAt: Date?
    package internal(set) var retired = false
    package internal(set) var listed = false
    package internal(set) var disabled = false
    package internal(set) var reinstalled = false
    package internal(set) var strays: [AccountID] = []
    /// Whether the last attempt to end a credential failed, so that all is looked at once more.
    package internal(set) var hasFailedToEnd: Bool?
}

extension Effect {
    /// Step, purpose and place, as the natural key wants them.
    fileprivate func purpose(inPass pass: Int, hookPass: Int) -> String {
        switch self {
        case .stageGenerated, .stageIssued, .findStaged: "stage/candidate"
        case .issue, .inspectIssued, .withdraw: "apply/issue"
        case .install, .probeInstalled: "apply/install"
        case .regenerate(let account): "apply/regenerate-\(account)"
        case .inspectKeys: "apply/regenerate"
        case .writeCarrier(let index), .readCarrier(let index): "promote/\(pass)-\(index)"
        case .refresh(let index), .observe(let index): "refresh/\(pass)-\(index)"
        case .startHook(let index), .followHook(let index): "hook/\(hookPass)-\(index)"
        case .retire(let account), .revoke(let account): "retire/\(account)"
        case .disableStaged: "close/staged"
        case .reinstall: "restore/install"
        case .checkCarriers: "apply/check"
        case .prove, .reprove: "prove/candidate"
        case .observeSilence, .inspectRetired, .inspectRevoked: "retire/look"
        case .inspectClosing: "close/look"
        }
    }
}
