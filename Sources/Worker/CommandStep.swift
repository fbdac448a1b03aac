import Foundation
import Logging
import RekeyCore
import RekeyPorts

/// Carries out what people decide: judged, recorded under the rotation's claim, and answered,
/// all in one commit; a command that comes again changes nothing more.
struct CommandStep: Sendable {
    let journal: any Journal
    let facts: FactFinder
    let composer: EventComposer
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger
    /// Called once a rotation was changed.
    let wake: @Sendable (RotationID) -> Void

    /// Decides on a command and records the answer.
    ///
    /// The caller serialises by `workKey`.
    func take(_ order: CommandOrder) async throws -> Turn.Result {
        try await unlessGone(.nothing) { try await carryOut(order) }
    }

    private func carryOut(_ order: CommandOrder) async throws -> Turn.Result {
        if case .unclear(let why) = order.subject { return try await refuse(order, why) }
        if let refusal = settings.access.refusal(of: order.act, to: order.requester) {
            return try await refuse(order, refusal)
        }
        switch order.subject {
        case .rotation(let id, let command): return try await decide(command, on: id, order)
        case .pause(let isPaused, let definitions):
            return try await pause(isPaused, definitions, order)
        case .adopt(let definition, takeOver: true):
            return try await journal.redeciding { try await takeOver(definition, order) }
        case .adopt(let definition, takeOver: false):
            return try await journal.redeciding { try await adopt(definition, order) }
        case .recover(let definition):
            return try await journal.redeciding { try await recover(definition, order) }
        case .unclear: return .nothing
        }
    }

    private func decide(
        _ command: RotationCommand,
        on id: RotationID,
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        guard try await journal.reader.rotation(id) != nil else {
            return try await refuse(order, "this journal has no such rotation")
        }
        let claim = try await journal.claim(
            id,
            for: settings.holder,
            seconds: settings.claimSeconds
        )
        guard let claim else { return .busy }
        do {
            let result = try await journal.redeciding {
                try await decide(command, under: claim, order)
            }
            try await journal.release(claim)
            wake(id)
            return result
        } catch JournalFailure.staleClaim {
            return .busy
        } catch {
            // The claim ends by itself where it cannot be given back.
            try? await journal.release(claim)
            throw error
        }
    }

    private func decide(
        _ command: RotationCommand,
        under claim: Claim,
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        guard let before = try await journal.reader.rotation(claim.rotation) else {
            return .nothing
        }
        if let refusal = await refusalOfVersions(named: command, before) {
            return try await refuse(order, refusal, about: before)
        }
        let now = clock.now
        let event: RotationEvent
        do {
            event = try before.event(for: command, by: order.by, at: now)
        } catch {
            return try await refuse(order, error.description, about: before)
        }
        var after = before
        after.fold(event)
        let rows = composer.rows(
            for: event,
            from: before,
            to: after,
            causedBy: order.event,
            nextDue: after.nextDue
        )
        var writes: [JournalWrite] = [.append(event, state: after)]
        writes += rows.map { .enqueue($0) }
        writes += after.debtWrites(since: before)
        // What the step waited for is decided now, and its timer would hide that nobody goes on.
        writes.append(.disarm(before.id, lane: before.lane.description))
        if after.revocation != before.revocation, let timer = after.revocationTimer {
            writes.append(.arm(timer))
        }
        if let ending = CredentialLedger.Ending(after: event) {
            let ledger = CredentialLedger(rotation: after, ending: ending)
            let known = try await journal.reader.credential(after.plan.credential)
            writes.append(.credential(ledger.applied(to: known, at: now)))
        }
        writes.append(.enqueue(answer(order, nil, about: after)))
        writes.append(.handled(order.entry))
        try await journal.commit(writes, under: claim)
        logger.notice("a command was carried out", metadata: metadata(order))
        return .advanced
    }

    /// Why a compromise may not name its versions.
    ///
    /// A vault that does not answer holds no compromise up.
    private func refusalOfVersions(
        named command: RotationCommand,
        _ rotation: Rotation
    ) async -> String? {
        guard case .compromise(let reason, _) = command else { return nil }
        do {
            try await facts.checkVersions(of: reason, in: rotation.plan.carriers)
            return nil
        } catch {
            return error.kind == .permanent ? error.reason : nil
        }
    }

    private func adopt(
        _ definition: CredentialDefinition,
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        do {
            guard try await journal.reader.credential(definition.id) == nil else {
                return try await refuse(order, "it is adopted already")
            }
            let record = try await self.record(of: definition)
            let answer = answer(order, nil, about: nil)
            let writes: [JournalWrite] = [
                .credential(record), .enqueue(answer), .handled(order.entry),
            ]
            try await journal.commit(writes, under: nil)
            return .advanced
        } catch let failure as StepFailure {
            return try await refuse(order, failure.reason)
        }
    }

    /// What the journal knows of a credential; else what adopting it now would record.
    ///
    /// Throws a `StepFailure` where it cannot be adopted.
    func record(of definition: CredentialDefinition) async throws -> CredentialRecord {
        if let known = try await journal.reader.credential(definition.id) { return known }
        let found = try await facts.facts(about: definition, record: nil, running: nil)
        if let owner = found.carriers.compactMap(\.foreignOwner).first {
            throw StepFailure(.permanent, "owned by installation \(owner)")
        }
        return CredentialRecord(adopting: definition, found, at: clock.now)
    }

    func refuse(
        _ order: CommandOrder,
        _ why: String,
        about rotation: Rotation? = nil
    ) async throws -> Turn.Result {
        let row = answer(order, why, about: rotation)
        try await journal.commit([.enqueue(row), .handled(order.entry)], under: nil)
        var metadata = metadata(order)
        metadata["failure.reason"] = "\(why)"
        logger.notice("a command was refused", metadata: metadata)
        return .advanced
    }

    func answer(
        _ order: CommandOrder,
        _ refusal: String?,
        about rotation: Rotation?
    ) -> OutboxRow {
        composer.answer(
            to: order,
            refusal: refusal,
            secret: rotation?.plan.credential.text ?? order.content.secret,
            at: clock.now
        )
    }

    func metadata(_ order: CommandOrder) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["asked.by": "\(order.requester)"]
        switch order.subject {
        case .rotation(let id, _): metadata["rotation.id"] = "\(id)"
        case .pause(_, let definitions):
            metadata["secret.name"] = "\(definitions.map(\.id.text).joined(separator: ", "))"
        case .adopt(let definition, _), .recover(let definition):
            metadata["secret.name"] = "\(definition.id)"
        case .unclear: break
        }
        return metadata
    }
}

extension CredentialRecord {
    /// What is recorded of a credential that is seen for the first time.
    ///
    /// Its sequence is 0 though the vaults have one: then the journal was lost, nothing is rotated,
    /// and `rekey recover` has to say what else it knew.
    init(adopting definition: CredentialDefinition, _ facts: AdmissionFacts, at now: Date) {
        var facts = facts
        facts.valueSince = now
        self.init(
            id: definition.id,
            account: facts.previousAccount,
            adoptedAt: now,
            expiresAt: facts.carriers.compactMap(\.expires).min(),
            dueAt: Admission.dueDate(of: definition, given: facts)
        )
    }
}
