package import Foundation
package import RekeyCore
package import RekeyPorts

/// What a credential's rotation would meet now, found out by reads alone.
package struct Outlook: Sendable {
    package let facts: AdmissionFacts
    /// The answer to somebody who asks for a routine rotation.
    package let asked: Admission
    /// The answer to an event, or to the sweeper.
    package let unasked: Admission
}

/// What a journal knows of a credential, as far as admission asks for it.
package struct JournalFacts: Sendable {
    package var record: CredentialRecord?
    package var running: RotationID?
    package var unpaidDebts: [AccountID] = []

    /// What a journal knows that has just been made.
    package init() {}

    package init(
        about definition: CredentialDefinition,
        in reader: any JournalReader
    ) async throws(JournalFailure) {
        record = try await reader.credential(definition.id)
        running = try await reader.rotations(
            RotationQuery(credential: definition.id, openOnly: true, limit: 1)
        ).first?.id
        unpaidDebts = try await reader.owedAccounts(of: definition)
    }
}

extension JournalReader {
    /// What the target still accepts beside the current credential.
    func owedAccounts(
        of definition: CredentialDefinition
    ) async throws(JournalFailure) -> [AccountID] {
        guard definition.strategy.overlaps else { return [] }
        return try await unpaidDebts(of: definition.id).map(\.account)
    }
}

extension FactFinder {
    /// Decides as the worker would at `now`, and begins nothing.
    package func outlook(
        of definition: CredentialDefinition,
        _ known: JournalFacts,
        at now: Date
    ) async throws(StepFailure) -> Outlook {
        var found = try await facts(
            about: definition,
            record: known.record,
            running: known.running
        )
        found.unpaidDebts = known.unpaidDebts
        func answer(isHint: Bool) -> Admission {
            let request = AdmissionRequest(reason: .routine, isHint: isHint)
            return Admission.decide(definition, for: request, given: found, at: now)
        }
        return Outlook(facts: found, asked: answer(isHint: false), unasked: answer(isHint: true))
    }
}
