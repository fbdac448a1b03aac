package import Foundation

// Who joins a rotation under way: what ends a credential waits for the union of those who were
// frozen with the plan and those whom the configuration has by then.
extension Rotation {
    /// The event by which those join whom the configuration has and the plan has not; nil where
    /// there are none, or nothing can be ended that they may hold.
    ///
    /// A workload is known by its name, a hook by name and kind. What the plan has of one stays,
    /// and nobody leaves it: whom the configuration no longer has may still hold the old one.
    package func widening(
        to present: CredentialDefinition,
        at now: Date,
        in lane: Lane
    ) -> RotationEvent? {
        guard takesUnion(at: now, in: lane) else { return nil }
        let workloads = present.workloads.filter { !plan.has($0) }
        // Going back, only hooks run that had told of the candidate.
        let hooks = isGoingBack ? [] : present.hooks.filter { !plan.has($0) }
        guard !workloads.isEmpty || !hooks.isEmpty else { return nil }
        return .widened(workloads: workloads, hooks: hooks, at: now)
    }

    /// The event by which a carrier that was added holds up the end of the old credential, which it
    /// may name; nil where there is none.
    ///
    /// It cannot join: what it held before the candidate was promoted, nobody looked at.
    package func holdUp(
        over present: CredentialDefinition,
        at now: Date,
        in lane: Lane
    ) -> RotationEvent? {
        guard step == .retire, plan.strategy.overlaps, stuckReason == nil,
            takesUnion(at: now, in: lane)
        else { return nil }
        let known = Set(plan.carriers.map(\.reference))
        guard let added = present.carriers.first(where: { !known.contains($0.reference) }) else {
            return nil
        }
        let why =
            "carrier \(added.reference) was added meanwhile and may hold the old credential: take "
            + "it out of the configuration until this rotation has ended, or roll back"
        return .stuck(why, at: now)
    }

    /// Whether those who joined have to be known before a lane goes on.
    ///
    /// That is from the completion on, which wakes the hooks, and going back. Before it nothing is
    /// ended, and who joins has no part in what makes the rotation fail. After the deadline of a
    /// compromise nobody is waited for; who joined until then is among those whom it cuts off.
    package func takesUnion(at now: Date, in lane: Lane) -> Bool {
        guard !isOver, !leavesPreviousToNext, !isPastRevokeBy, !checks.retired else { return false }
        switch lane {
        case .step(let asked): return asked == step && step.takesUnion
        case .revocation: return next(at: now, in: .revocation) == .passRevokeBy
        case .hook: return false
        }
    }

    /// Takes in who joined, behind those who are there; who is there already joins no second time.
    mutating func widen(
        _ newWorkloads: [PlannedWorkload],
        _ newHooks: [PlannedHook],
        at: Date
    ) {
        var joined = joined ?? Joined()
        for workload in newWorkloads where !plan.has(workload) {
            plan.workloads.append(workload)
            workloads.append(WorkloadProgress())
            joined.workloads += 1
        }
        for hook in newHooks where !plan.has(hook) {
            plan.hooks.append(hook)
            hooks.append(HookProgress())
            joined.hooks += 1
        }
        self.joined = joined
        // They have as long to show something as those who were asked from the beginning.
        if step == .retire || step == .restore { times.stepBeganAt = at }
    }

    func hasJoined(hook index: Int) -> Bool { index >= hooks.count - (joined?.hooks ?? 0) }
}

/// How many of a plan's workloads and hooks, the last ones, joined after it was frozen.
package struct Joined: Codable, Equatable, Sendable {
    package internal(set) var workloads = 0
    package internal(set) var hooks = 0
}

extension RotationPlan {
    fileprivate func has(_ workload: PlannedWorkload) -> Bool {
        workloads.contains { $0.name == workload.name }
    }

    fileprivate func has(_ hook: PlannedHook) -> Bool {
        hooks.contains { $0.name == hook.name && $0.kind == hook.kind }
    }
}

extension Step {
    fileprivate var takesUnion: Bool {
        switch self {
        case .complete, .hook, .retire, .restore: true
        case .admit, .stage, .apply, .prove, .promote, .refresh, .verify, .close: false
        }
    }
}
