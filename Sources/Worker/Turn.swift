import Foundation
import Logging
import RekeyCore
import RekeyPorts
import RekeyTelemetry

/// One worker's turn at one lane of one rotation: until the step ends, waits, or is not ours.
///
/// It asks the core, performs, records; in that order, and an intent is in the journal before
/// its deed. What it has not yet written when the process dies is looked up again by the next.
struct Turn: Sendable {
    let journal: any Journal
    let performer: EffectPerformer
    let composer: EventComposer
    let estate: Estate
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger

    enum Result: Equatable, Sendable {
        /// Something was recorded.
        case advanced
        /// Nothing to do: not this lane's turn, or over, or unknown.
        case nothing
        /// Another worker has the rotation, or took it away.
        case busy
    }

    /// Goes on with a rotation, because of an event or by itself.
    func take(
        _ id: RotationID,
        in lane: Lane,
        causedBy cause: EventID? = nil
    ) async throws -> Result {
        guard
            let claim = try await journal.claim(
                id,
                for: settings.holder,
                seconds: settings.claimSeconds
            )
        else { return .busy }
        do {
            guard let rotation = try await journal.reader.rotation(id) else {
                try await journal.release(claim)
                return .nothing
            }
            var progress = TurnProgress(rotation: rotation, claim: claim)
            // Whoever woke it: the sweeper does not know what is urgent.
            let isUrgent = CallUrgency.isUrgent || rotation.isUrgent
            let result = try await CallUrgency.$isUrgent.withValue(isUrgent) {
                try await run(&progress, in: lane, for: cause)
            }
            try await journal.release(progress.claim)
            return result
        } catch JournalFailure.staleClaim {
            return .busy
        } catch {
            // The claim ends by itself where it cannot be given back.
            try? await journal.release(claim)
            throw error
        }
    }

    private func run(
        _ progress: inout TurnProgress,
        in lane: Lane,
        for cause: EventID?
    ) async throws -> Result {
        var lane = lane
        while true {
            widen(&progress, in: lane, for: cause)
            switch progress.rotation.next(at: clock.now, in: lane) {
            case .perform(let effect):
                try await perform(effect, &progress, for: cause)
                // An ended hook can be what the rotation's own line was waiting for.
                if progress.endedHook, case .hook = lane { try await settle(&progress) }
            case .finish(let step):
                record(.finished(step, at: clock.now), &progress, for: cause)
                return try await settle(&progress)
            case .giveUp(let why):
                record(.gaveUp(why, at: clock.now), &progress, for: cause)
                return try await settle(&progress)
            case .getStuck(let why):
                record(.stuck(why, at: clock.now), &progress, for: cause)
                return try await settle(&progress)
            case .passRevokeBy:
                // The step goes on now, whatever it waited for.
                let waiting = progress.rotation.lane.description
                progress.writes.append(.disarm(progress.rotation.id, lane: waiting))
                record(.revokeByPassed(at: clock.now), &progress, for: cause)
            case .askForApproval:
                record(.askedForApproval(at: clock.now), &progress, for: cause)
            case .wait(let date):
                progress.writes.append(.arm(timer(for: progress, lane, at: date)))
                remindHooks(&progress, in: lane)
                return try await settle(&progress)
            case .hold:
                if progress.rotation.isGoingBack { remindHooks(&progress, in: lane) }
                return try await settle(&progress)
            case .nothing:
                let own = progress.rotation.lane
                if case .hook = lane, progress.endedHook, own.waitsForHooks {
                    progress.endedHook = false
                    lane = own
                    continue
                }
                return try await settle(&progress)
            }
        }
    }

    func timer(for progress: TurnProgress, _ lane: Lane, at date: Date) -> JournalTimer {
        JournalTimer(
            rotation: progress.rotation.id,
            lane: lane.description,
            dueAt: date,
            isUrgent: progress.rotation.isUrgent
        )
    }

    private func perform(
        _ effect: Effect,
        _ progress: inout TurnProgress,
        for cause: EventID?
    ) async throws {
        try await renewClaim(&progress)
        let window = effect.isDeed ? callWindow(progress.rotation) : nil
        if effect.isDeed, !progress.rotation.hasIntent(of: effect) {
            let seconds = progress.rotation.plan.policy.callDeadlineSeconds
            let now = clock.now
            record(.intended(effect, at: now, deadline: now + seconds), &progress, for: cause)
            try await write(&progress)
        }
        let (rotation, claim) = (progress.rotation, progress.claim)
        let event = await CallWindow.$current.withValue(window) {
            await performer.perform(effect, for: rotation, under: claim)
        }
        if case .failed(_, let failure, _) = event { log(failure, effect, progress.rotation) }
        record(event, &progress, for: cause)
    }

    /// As long as the call's own deadline, which is over before the claim is.
    private func callWindow(_ rotation: Rotation) -> CallWindow {
        let clock = clock
        let end = clock.bootSeconds + rotation.plan.policy.callDeadlineSeconds
        return CallWindow { clock.bootSeconds >= end }
    }

    /// A call is made only with more claim time left than its own deadline.
    ///
    /// A claim that has ended is not made anew: another may have had the rotation since, and what
    /// was read under the old one is old.
    private func renewClaim(_ progress: inout TurnProgress) async throws {
        let needed = progress.rotation.plan.policy.callDeadlineSeconds
        let left = progress.claim.untilBootSeconds - clock.bootSeconds
        guard left <= needed else { return }
        guard left > 0 else { throw JournalFailure.staleClaim(progress.rotation.id.text) }
        let renewed = try await journal.claim(
            progress.rotation.id,
            for: settings.holder,
            seconds: max(settings.claimSeconds, needed * 2)
        )
        guard let renewed else { throw JournalFailure.staleClaim(progress.rotation.id.text) }
        progress.claim = renewed
    }

    func record(
        _ event: RotationEvent,
        _ progress: inout TurnProgress,
        for cause: EventID?
    ) {
        let before = progress.rotation
        progress.rotation.fold(event)
        if case .finished(let step, let at) = event {
            let spent = at.timeIntervalSince(before.times.stepBeganAt)
            Measure.seconds(.stepSeconds, spent, ["step": step.rawValue])
        }
        progress.advanced = true
        tell(of: progress.rotation, from: before)
        if let index = progress.rotation.hook(endedBy: event) {
            progress.endedHook = true
            measureHook(index, progress.rotation)
        }
        let rows = composer.rows(
            for: event,
            from: before,
            to: progress.rotation,
            causedBy: cause,
            nextDue: progress.rotation.nextDue
        )
        progress.writes.append(.append(event, state: progress.rotation))
        progress.writes += rows.map { .enqueue($0) }
        progress.writes += progress.rotation.debtWrites(since: before)
        let ending = CredentialLedger.Ending(after: event)
        if ending != nil || progress.rotation.probes != before.probes {
            progress.ledger = CredentialLedger(
                rotation: progress.rotation,
                ending: ending ?? progress.ledger?.ending
            )
        }
    }

    private func write(_ progress: inout TurnProgress) async throws {
        let (writes, claim) = (progress.writes, progress.claim)
        if let ledger = progress.ledger {
            // What happened has happened: only the record is read again.
            try await journal.redeciding {
                let known = try await journal.reader.credential(ledger.rotation.plan.credential)
                let record = ledger.applied(to: known, at: clock.now)
                try await journal.commit(writes + [.credential(record)], under: claim)
            }
        } else if !writes.isEmpty {
            try await journal.commit(writes, under: claim)
        }
        progress.writes = []
        progress.ledger = nil
    }

    @discardableResult
    private func settle(_ progress: inout TurnProgress) async throws -> Result {
        let isMoved = progress.advanced || !progress.writes.isEmpty
        try await write(&progress)
        return isMoved ? .advanced : .nothing
    }
}

/// How far a turn is, between its commits.
struct TurnProgress: Sendable {
    var rotation: Rotation
    var claim: Claim
    var writes: [JournalWrite] = []
    var advanced = false
    var endedHook = false
    var ledger: CredentialLedger?
}

extension Lane {
    fileprivate var waitsForHooks: Bool {
        self == .step(.close) || self == .step(.restore) || self == .step(.retire)
    }
}

extension Rotation {
    fileprivate func hasIntent(of effect: Effect) -> Bool {
        if let index = effect.hookIndex { return hooks[index].intent?.effect == effect }
        if effect.isRevocation { return revocation?.intent?.effect == effect }
        return intent?.effect == effect
    }

    /// The earliest end that a version has which it wrote: approvals may take days after the write.
    var earliestEnd: Date { times.acceptedAt + plan.policy.lifetimeSeconds }

    /// When the credential is due again, once this rotation is complete.
    ///
    /// The sweeper then reads the exact date from the vaults.
    var nextDue: Date? {
        guard times.completedAt != nil else { return nil }
        return earliestEnd - plan.policy.thresholdSeconds
    }
}
