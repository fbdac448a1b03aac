import Foundation
import Logging
import RekeyCore
import RekeyPorts
import RekeyTelemetry

/// Finds what is due and what nobody would wake, with every event lost.
///
/// It also adopts credentials that it sees for the first time: they are recorded, never rotated
/// for that; those already due are released a few per sweep.
struct Sweeper: Sendable {
    let journal: any Journal
    let facts: FactFinder
    let estate: Estate
    let composer: EventComposer
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger
    let wake: @Sendable (RotationID) -> Void
    let resume: @Sendable (InboxEntry) -> Void
    let ask: @Sendable (CredentialDefinition, VersionID?) -> Void
    let looks = VaultLooks()
    let releases: Releases

    /// Runs until the task is cancelled.
    func run() async throws {
        var prunesAt = clock.now
        while !Task.isCancelled {
            if await sweep() { Measure.set(.lastSweep, clock.now.timeIntervalSince1970) }
            if clock.now >= prunesAt {
                await prune()
                prunesAt = clock.now + Self.pruneSeconds
            }
            try await clock.sleep(until: clock.now + settings.sweepSeconds)
        }
    }

    /// One round: sleepers, forgotten inbox entries, then every credential's due date.
    ///
    /// Answers whether everything could be read, but for single vaults.
    func sweep() async -> Bool {
        var isWhole = true
        do {
            for id in try await journal.reader.sleepers(limit: Self.batch) { wake(id) }
            for entry in try await journal.reader.inbox(limit: Self.batch) { resume(entry) }
        } catch {
            logger.error("the journal cannot be swept", metadata: ["failure.reason": "\(error)"])
            isWhole = false
        }
        var wave: [Release] = []
        var silent = SilentVaults()
        for definition in estate.definitions.values.sorted(by: { $0.id < $1.id }) {
            do {
                try await journal.redeciding { try await examine(definition, &wave, &silent) }
            } catch {
                if error is JournalFailure { isWhole = false }
                logger.warning(
                    "a credential could not be examined",
                    metadata: ["secret.name": "\(definition.id)", "failure.reason": "\(error)"]
                )
            }
        }
        release(wave)
        silent.tell(logger)
        return isWhole
    }

    /// Asks for a few of those that were never rotated (`Releases`), and warns of those that would
    /// end before they are asked for.
    private func release(_ wave: [Release]) {
        let (perSweep, now) = (settings.releasedPerSweep, clock.now)
        let (chosen, waiting) = releases.next(perSweep, of: wave, at: now)
        for release in chosen { ask(release.definition, release.version) }
        guard !waiting.isEmpty else { return }
        logger.info(
            "secrets wait for their first rotation",
            metadata: ["count": "\(waiting.count)"]
        )
        let late = releases.late(perSweep, of: waiting, at: now)
        guard let first = late.first else { return }
        logger.warning(
            "secrets end before the turn of their first rotation: raise `adoptionsPerSweep`",
            metadata: ["count": "\(late.count)", "secret.name": "\(first.definition.id)"]
        )
    }

    /// Each change is made of the record that was read before the vaults: what somebody changed
    /// since is not overwritten with what was true before it.
    private func examine(
        _ definition: CredentialDefinition,
        _ wave: inout [Release],
        _ silent: inout SilentVaults
    ) async throws {
        let record = try await journal.reader.credential(definition.id)
        let now = clock.now
        let mayTell = mayTell(of: definition, record, at: now)
        let mayLook = mayTell || record.map { looks.isDue(definition, $0, at: now) } ?? false
        guard mayLook || (record?.dueAt ?? now) <= now else { return }
        let open = try await journal.reader.rotations(
            RotationQuery(credential: definition.id, openOnly: true, limit: 1)
        )
        // What is promoted and waits, for a person perhaps, comes to its end, too.
        guard open.isEmpty || mayLook else { return }
        guard !silent.leavesOut(definition) else {
            return try await tellUnread(of: definition, record, open.first)
        }
        let found: AdmissionFacts
        do {
            found = try await read(definition, record, &silent)
        } catch {
            try await tellUnread(of: definition, record, open.first)
            throw error
        }
        looks.looked(definition.id, at: now)
        var known = if let record { record } else { try await adopt(definition, found) }
        try await tell(of: definition, found, &known)
        guard open.isEmpty else { return }
        let due = Admission.dueDate(of: definition, given: found)
        guard definition.isEnabled, !known.isPaused, let due, due <= now else {
            return try await note(definition, known, found, due)
        }
        let version = found.carriers.first?.latest
        guard known.lastRotatedAt == nil else { return ask(definition, version) }
        // It takes nobody's place in a wave.
        if let later = putOff(definition, found) {
            return try await note(definition, known, found, later)
        }
        // This may be a repetition, after somebody else's write.
        if wave.last?.definition.id == definition.id { wave.removeLast() }
        let end = due + definition.policy.thresholdSeconds
        wave.append(Release(definition: definition, version: version, end: end))
    }

    /// Until when it certainly does not begin, and nobody has to hear of that.
    private func putOff(_ definition: CredentialDefinition, _ found: AdmissionFacts) -> Date? {
        let hint = AdmissionRequest(reason: .routine, isHint: true)
        let answer = Admission.decide(definition, for: hint, given: found, at: clock.now)
        guard case .later(let date, _, alarms: false) = answer else { return nil }
        return date
    }

    /// What is known already is judged by the vaults alone: a target's reads may take seconds.
    private func read(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord?,
        _ silent: inout SilentVaults
    ) async throws(StepFailure) -> AdmissionFacts {
        let began = clock.now
        var haveAnswered = false
        do throws(StepFailure) {
            let found = try await facts.facts(
                about: definition,
                record: record,
                running: nil
            ) { _ in
                haveAnswered = true
                return record != nil
            }
            silent.answered(definition)
            return found
        } catch {
            if haveAnswered || error.kind == .permanent || error.kind == .refused {
                silent.answered(definition)
            } else {
                silent.failed(definition, after: clock.now.timeIntervalSince(began))
            }
            throw error
        }
    }

    /// Answers with the record as it now is in the journal.
    private func adopt(
        _ definition: CredentialDefinition,
        _ facts: AdmissionFacts
    ) async throws -> CredentialRecord {
        let record = CredentialRecord(adopting: definition, facts, at: clock.now)
        try await journal.commit([.credential(record)], under: nil)
        logger.info("a credential was adopted", metadata: ["secret.name": "\(definition.id)"])
        return record.written
    }

    private func note(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord,
        _ facts: AdmissionFacts,
        _ due: Date?
    ) async throws {
        var changed = record
        changed.expiresAt = facts.carriers.compactMap(\.expires).min()
        changed.dueAt = due
        // What was told was of another version, or of another end.
        if !isNear(definition, facts) { changed.noticed = nil }
        guard changed != record else { return }
        try await journal.commit([.credential(changed)], under: nil)
    }

    private func isNear(_ definition: CredentialDefinition, _ facts: AdmissionFacts) -> Bool {
        ExpiryNotice(facts.carriers, definition.policy, at: clock.now) != nil
    }

    private static let batch = 1_000
}
