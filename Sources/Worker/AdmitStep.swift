import Foundation
import Logging
import RekeyCore
import RekeyPorts

/// The first step: is it due, allowed, ours; and what will it touch.
struct AdmitStep: Sendable {
    let journal: any Journal
    let facts: FactFinder
    let estate: Estate
    let composer: EventComposer
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger
    let refusals = SweepRefusals()

    /// What follows from a request, beside its answer.
    enum Sequel: Sendable {
        case nothing
        /// The request stays in the inbox until this rotation is over; the command, which is in
        /// the inbox too, tells it of the compromise.
        case wait(for: RotationID, command: InboxEntry?)
    }

    /// Decides on a request and records the answer.
    ///
    /// The caller serialises by credential; the sweeper, commands and other workers may change its
    /// record all the same.
    func take(_ request: Request, entry: InboxEntry.ID?) async throws -> Sequel {
        try await unlessGone(.nothing) {
            try await journal.redeciding { try await decide(request, entry) }
        }
    }

    private func decide(_ request: Request, _ entry: InboxEntry.ID?) async throws -> Sequel {
        if let refusal = request.refusal {
            try await refuse(request, entry, refusal, .rotationDeclined)
            return .nothing
        }
        let id = request.definition.id
        let record = try await journal.reader.credential(id)
        let query = RotationQuery(credential: id, openOnly: true, limit: 1)
        let open = try await journal.reader.rotations(query)
        if let served = try await rotation(serving: request) {
            try await refuse(request, entry, "in flight", .rotationCoalesced, served)
            return .nothing
        }
        var found: AdmissionFacts
        do {
            found = try await facts(for: request, record, running: open.first?.id)
        } catch {
            if mayWait(request, entry, for: error) { return .nothing }
            try await refuse(request, entry, "\(error.reason)", .rotationDeclined)
            return .nothing
        }
        if let revoked = try await revocation(settling: request) {
            let why = "what it names was revoked already, and no carrier holds it"
            try await refuse(request, entry, why, .rotationDeclined, revoked)
            return .nothing
        }
        found.unpaidDebts = try await journal.reader.owedAccounts(of: request.definition)
        let now = clock.now
        switch Admission.decide(request.definition, for: request.admission, given: found, at: now) {
        case .accept(let plan):
            try await accept(plan, request, record, entry, given: found)
        case .coalesce(let running):
            guard request.admission.reason.isCompromise else {
                try await refuse(request, entry, "in flight", .rotationCoalesced, running)
                return .nothing
            }
            // First, and only while the request waits: what another worker did is not done twice.
            let why = open.first?.answerToCompromise ?? "in flight"
            try await refuse(request, entry, why, .rotationCoalesced, running, keeps: true)
            let command = try await hasten(running, for: request)
            return .wait(for: running, command: command)
        case .later(let until, let why, let alarms):
            if !request.wantsAnswer { try await remember(until, record) }
            let detail = "\(why); not before \(Timestamp.text(until))"
            if alarms { refusals.tell(detail, about: id, to: logger) }
            try await refuse(request, entry, detail, .rotationDeferred)
        case .decline(let why): try await refuse(request, entry, why, .rotationDeclined)
        }
        return .nothing
    }

    /// Whether a request is left in the inbox, where the sweeper takes it up again: an outage must
    /// not be the end of a compromise, which nobody may forget.
    private func mayWait(
        _ request: Request,
        _ entry: InboxEntry.ID?,
        for failure: StepFailure
    ) -> Bool {
        guard request.admission.reason.isCompromise, entry != nil,
            failure.kind == .transient || failure.kind == .unknown
        else { return false }
        logger.warning(
            "a compromise waits for what cannot be read",
            metadata: [
                "secret.name": "\(request.definition.id)", "failure.reason": "\(failure.reason)",
            ]
        )
        return true
    }

    /// Reads what admission decides by, as often as the policy lets a call fail: a system that does
    /// not answer once is no reason to decline.
    ///
    /// One that names a later time than the policy's pauses reach is not waited for: a turn of the
    /// worker would wait with it.
    ///
    /// Event Grid repeats itself, so a hint that the vault's latest version refutes asks no target.
    private func facts(
        for request: Request,
        _ record: CredentialRecord?,
        running: RotationID?
    ) async throws(StepFailure) -> AdmissionFacts {
        let definition = request.definition
        let now = clock.now
        var failures = 0
        while true {
            do {
                let carriers = definition.carriers
                try await facts.checkVersions(of: request.admission.reason, in: carriers)
                return try await facts.facts(about: definition, record: record, running: running) {
                    Admission.decide(definition, for: request.admission, given: $0, at: now)
                        .isRefusal
                }
            } catch let failure {
                failures += 1
                let isHopeless = failure.kind == .permanent || failure.kind == .refused
                guard !isHopeless, failures < definition.policy.callAttempts else { throw failure }
                let pause = definition.policy.backoffSeconds(afterFailures: failures)
                let wait = max(pause, failure.retryAfterSeconds ?? 0)
                guard wait <= definition.policy.longestBackoffSeconds else { throw failure }
                // Cancelled while waiting: the caller's own writes then fail too.
                do { try await clock.sleep(until: clock.now + wait) } catch { throw failure }
            }
        }
    }

    /// The sweeper asks again then.
    private func remember(_ date: Date, _ record: CredentialRecord?) async throws {
        guard var record, record.dueAt != date else { return }
        record.dueAt = date
        try await journal.commit([.credential(record)], under: nil)
    }

    private func accept(
        _ plan: RotationPlan,
        _ request: Request,
        _ record: CredentialRecord?,
        _ entry: InboxEntry.ID?,
        given found: AdmissionFacts
    ) async throws {
        var plan = plan
        let probes = Rotation.recent(record?.probes ?? [], at: clock.now)
        plan.recentProbes = probes.isEmpty ? nil : probes
        let id = id(of: plan, request, record)
        guard try await journal.reader.rotation(id) == nil else {
            return try await refuse(request, entry, "rotated already", .rotationDeclined, id)
        }
        let now = clock.now
        let event = RotationEvent.accepted(
            plan,
            reason: request.admission.reason,
            by: request.requestedBy,
            at: now
        )
        guard let rotation = Rotation(id, startingWith: event) else { return }
        var next = record ?? CredentialRecord(id: plan.credential, adoptedAt: now)
        next.sequence = plan.sequence
        next.account = plan.previousAccount ?? next.account
        var rows = composer.rows(
            for: event,
            from: nil,
            to: rotation,
            causedBy: request.event,
            nextDue: nil
        )
        rows += tellOfEnd(request.definition, found, &next)
        var writes: [JournalWrite] = [.append(event, state: rotation), .credential(next)]
        writes += rows.map { .enqueue($0) }
        // What was found accepted beside the current one outlives a rotation that goes back.
        let owed = found.unpaidDebts
        writes += rotation.debts.filter { !owed.contains($0.account) }.map { .debt($0) }
        if let entry { writes.append(.handled(entry)) }
        writes += rotation.revocationTimer.map { [.arm($0)] } ?? []
        try await commit(writes, beginning: id)
        refusals.forget(plan.credential)
        let names: Logger.Metadata = ["rotation.id": "\(id)", "secret.name": "\(plan.credential)"]
        logger.info("a rotation begins", metadata: names)
    }

    /// It may have happened though it failed: decided once more, a request would find its own
    /// rotation, and a compromise would wait for it and then begin another.
    private func commit(_ writes: [JournalWrite], beginning id: RotationID) async throws {
        do throws(JournalFailure) {
            try await journal.commit(writes, under: nil)
        } catch {
            if error.isRefusal { throw error }
            guard try await journal.reader.rotation(id) != nil else { throw error }
        }
    }

    /// What ended before anybody was told: once it is replaced, the sweeper would find nothing.
    private func tellOfEnd(
        _ definition: CredentialDefinition,
        _ facts: AdmissionFacts,
        _ record: inout CredentialRecord
    ) -> [OutboxRow] {
        let now = clock.now
        guard definition.notifiesNearExpiry,
            let notice = ExpiryNotice(facts.carriers, definition.policy, at: now),
            notice.state == .expired, !notice.isTold(in: record.noticed ?? [])
        else { return [] }
        record.noticed = notice.added(to: record.noticed ?? [])
        return [composer.notice(notice, of: definition, facts, at: now)]
    }

    /// The same for the same cause, until a rotation for it has failed.
    private func id(
        of plan: RotationPlan,
        _ request: Request,
        _ record: CredentialRecord?
    ) -> RotationID {
        let attempt = String(record?.failedRotations ?? 0)
        let parts = [plan.credential.text, request.cause, attempt]
        return RotationID(UUIDv5.text(in: settings.installation.text, parts))
    }
}

extension Admission {
    /// Whether no rotation begins now: that much is decided without the target's accounts.
    fileprivate var isRefusal: Bool {
        if case .accept = self { false } else { true }
    }
}
