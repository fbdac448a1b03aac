import Foundation
package import RekeyCore

/// Holds a trace of a running engine against the core's two functions and the rules.
///
/// Each event has to be what `next` asked for in the state that the events before it lead to, or
/// what a command may be at that time; and each commit has to be made under the last claim.
package struct TraceCheck {
    private let id: RotationID
    private var rotation: Rotation?
    private var claim: (epoch: Int64, holder: String)?
    /// Who wrote the open intent of a lane: only they can know what their deed came to.
    private var authors: [Lane: String] = [:]
    private var lastDate = Date.distantPast

    private init(_ id: RotationID) { self.id = id }

    /// What is wrong with the trace, at its first wrong place; nil where nothing is.
    package static func fault(in trace: [TraceEntry], of id: RotationID) -> String? {
        var check = TraceCheck(id)
        for entry in trace {
            if let fault = check.take(entry) { return fault }
        }
        return nil
    }

    private mutating func take(_ entry: TraceEntry) -> String? {
        switch entry {
        case .claimed(let epoch, let holder):
            if let claim, epoch <= claim.epoch { return "the claim's epoch does not rise" }
            if holder != claim?.holder { authors = [:] }
            claim = (epoch, holder)
            return nil
        case .recorded(let events, let epoch):
            if rotation != nil, epoch != claim?.epoch {
                return "committed under a claim that is not the last"
            }
            for event in events {
                if let fault = take(event) { return "\(fault): \(event)" }
            }
            return nil
        }
    }

    private mutating func take(_ event: RotationEvent) -> String? {
        guard let before = rotation else {
            rotation = Rotation(id, startingWith: event)
            lastDate = event.date
            return rotation == nil ? "it does not begin with its acceptance" : nil
        }
        guard isAsked(event, of: before) else { return "nobody asked for it in \(before.step)" }
        var after = before
        after.fold(event)
        let broken = RotationRules.broken(by: event, from: before, to: after)
        if let first = broken.first { return first }
        if case .intended(let effect, _, _) = event {
            authors[before.lane(of: effect)] = claim?.holder
        }
        rotation = after
        lastDate = event.date
        return nil
    }

    private func isAsked(_ event: RotationEvent, of rotation: Rotation) -> Bool {
        switch event {
        case .accepted: false
        case .intended(let effect, _, _):
            effect.isDeed && rotation.intent(inLaneOf: effect) == nil
                && isDecided(.perform(effect), for: event, rotation)
        case .observed(let observation, _):
            effects(for: event, rotation).contains { effect in
                EffectOutcomes.all(of: effect, in: rotation).contains { outcome in
                    guard case .observed(let possible, _) = outcome else { return false }
                    return possible.shape == observation.shape
                }
            }
        case .failed(let effect, let failure, _):
            effects(for: event, rotation).contains(effect)
                && EffectOutcomes.all(of: effect, in: rotation).contains { outcome in
                    guard case .failed(_, let possible, _) = outcome else { return false }
                    return possible.kind == failure.kind
                }
        case .finished(let step, _): isDecided(.finish(step), for: event, rotation)
        case .gaveUp(let why, _):
            isDecided(.giveUp(why), for: event, rotation)
                || isCommand(.rollback, event, of: rotation)
        case .stuck(let why, _): isDecided(.getStuck(why), for: event, rotation)
        case .askedForApproval: isDecided(.askForApproval, for: event, rotation)
        case .revokeByPassed: isDecided(.passRevokeBy, for: event, rotation)
        case .widened:
            rotation.allLanes.contains { rotation.takesUnion(at: event.date, in: $0) }
        case .approved: isCommand(.approve(plan: rotation.planDigest), event, of: rotation)
        case .rejected: isCommand(.reject, event, of: rotation)
        case .resumed(let rebase, _, _):
            isCommand(.resume(rebase: rebase), event, of: rotation)
        case .abandoned: isCommand(.abandon(isForced: true), event, of: rotation)
        case .madeUrgent: isCommand(.urgent, event, of: rotation)
        case .compromised(let reason, let request, _, _):
            isCommand(.compromise(reason, request: request), event, of: rotation)
        }
    }

    /// Whether a lane decides so, when the event is recorded or was when it was begun.
    private func isDecided(
        _ decision: Decision,
        for event: RotationEvent,
        _ rotation: Rotation
    ) -> Bool {
        [event.date, lastDate].contains { date in
            rotation.allLanes.contains { rotation.next(at: date, in: $0) == decision }
        }
    }

    /// What may have been performed: what is to be done, and a deed by whoever wrote its intent.
    private func effects(for event: RotationEvent, _ rotation: Rotation) -> [Effect] {
        var effects: [Effect] = []
        for lane in rotation.allLanes {
            for date in [event.date, lastDate] {
                guard case .perform(let effect) = rotation.next(at: date, in: lane) else {
                    continue
                }
                let open = rotation.intent(inLaneOf: effect)
                if !effect.isDeed || open?.effect == effect { effects.append(effect) }
                guard let open, let author = authors[rotation.lane(of: open.effect)],
                    author == claim?.holder
                else { continue }
                effects.append(open.effect)
            }
        }
        return effects
    }

    private func isCommand(
        _ command: RotationCommand,
        _ event: RotationEvent,
        of rotation: Rotation
    ) -> Bool {
        // A refusal is the answer here, whatever its reason.
        (try? rotation.event(for: command, by: "somebody", at: event.date)) != nil
    }
}

extension Rotation {
    /// The lanes that there can be.
    fileprivate var allLanes: [Lane] {
        [lane] + Set(plan.hooks.map(\.kind)).sorted().map { .hook(kind: $0) } + [.revocation]
    }

    fileprivate func lane(of effect: Effect) -> Lane {
        if let index = effect.hookIndex { return .hook(kind: plan.hooks[index].kind) }
        return effect.isRevocation ? .revocation : lane
    }
}

extension Observation {
    /// Which kind of observation it is, and of which carrier, workload or hook.
    fileprivate var shape: String {
        let text = "\(self)"
        let name = text.prefix { $0 != "(" }
        switch self {
        case .carrierRead(let index, _, _), .carrierWritten(let index, _), .refreshed(let index),
            .evidence(let index, _, _), .hookStarted(let index), .hookRunning(let index),
            .hookNotStarted(let index), .hookEnded(let index, _):
            return "\(name) \(index)"
        default: return String(name)
        }
    }
}
