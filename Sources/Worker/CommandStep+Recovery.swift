package import Foundation
import Logging
package import RekeyCore
import RekeyPorts

// What another installation owned, and what a lost journal knew.
extension CommandStep {
    /// Puts this installation's tag on every carrier's latest version, and records the credential.
    ///
    /// The sequence goes on above the other's, so that nobody takes a later version for an older.
    /// Tags come first: a crash in between leaves what adopting by the sweeper records as well.
    func takeOver(
        _ definition: CredentialDefinition,
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        // Before all else: whatever begins from here on replaces it, and this is decided anew.
        let known = try await journal.reader.credential(definition.id)
        if let refusal = try await refusalWhileRotating(definition) {
            return try await refuse(order, refusal)
        }
        // What another worker did is not done to the vaults again, either.
        try await journal.commit([.waiting(order.entry)], under: nil)
        do {
            var sequence = 0
            for carrier in definition.carriers {
                sequence = max(sequence, try await facts.own(carrier.reference))
            }
            let found = try await facts.facts(about: definition, record: nil, running: nil)
            let debts = try await facts.debts(of: definition, given: found, at: clock.now)
            return try await store(
                known,
                found,
                as: definition,
                atLeast: sequence,
                debts: debts,
                order
            )
        } catch let failure as StepFailure {
            return try await refuse(order, failure.reason)
        }
    }

    /// Builds anew what the journal knows of a credential: its sequence and account by the tags of
    /// the vaults, and by the target what is still accepted and has to be revoked.
    func recover(
        _ definition: CredentialDefinition,
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        // Before all else: whatever begins from here on replaces it, and this is decided anew.
        let known = try await journal.reader.credential(definition.id)
        if let refusal = try await refusalWhileRotating(definition) {
            return try await refuse(order, refusal)
        }
        do {
            let found = try await facts.facts(about: definition, record: nil, running: nil)
            if let owner = found.carriers.compactMap(\.foreignOwner).first {
                throw StepFailure(.permanent, "owned by installation \(owner)")
            }
            guard found.carriersAgree else {
                throw StepFailure(.permanent, "the carriers hold different credentials")
            }
            let debts = try await facts.debts(of: definition, given: found, at: clock.now)
            return try await store(known, found, as: definition, debts: debts, order)
        } catch let failure as StepFailure {
            return try await refuse(order, failure.reason)
        }
    }

    private func refusalWhileRotating(_ definition: CredentialDefinition) async throws -> String? {
        let open = try await journal.reader.rotations(
            RotationQuery(credential: definition.id, openOnly: true, limit: 1)
        )
        return open.first.map { "rotation \($0.id) is in flight: end it first" }
    }

    private func store(
        _ known: CredentialRecord?,
        _ found: AdmissionFacts,
        as definition: CredentialDefinition,
        atLeast sequence: Int = 0,
        debts: [Debt] = [],
        _ order: CommandOrder
    ) async throws -> Turn.Result {
        let fresh = CredentialRecord(adopting: definition, found, at: clock.now)
        var record = known ?? fresh
        // A forged one that was believed once is not gone on from.
        if record.sequence >= RekeyTag.endOfSequences { record.sequence = 0 }
        let tagged = found.carriers.compactMap(\.sequence).max() ?? 0
        record.sequence = max(record.sequence, tagged, sequence)
        record.account = fresh.account ?? record.account
        record.expiresAt = fresh.expiresAt
        record.dueAt = fresh.dueAt
        var writes: [JournalWrite] = [.credential(record)]
        writes += debts.map { .debt($0) }
        writes += [.enqueue(answer(order, nil, about: nil)), .handled(order.entry)]
        try await journal.commit(writes, under: nil)
        logger.notice("a command was carried out", metadata: metadata(order))
        return .advanced
    }
}

extension FactFinder {
    /// Makes the latest version of a carrier this installation's; answers its sequence.
    fileprivate func own(_ carrier: SecretReference) async throws(StepFailure) -> Int {
        let vault = try adapters.vault(carrier.vault)
        guard let latest = try await vault.latest(carrier.name) else { return 0 }
        let sequence = try RekeyTag.sequence(in: latest.tags, of: carrier) ?? 0
        guard let owner = latest.tags[RekeyTag.owner], owner != installation.text else {
            return sequence
        }
        guard let vault = vault as? any RetaggingVault else {
            throw StepFailure(.permanent, "vault \(carrier.vault) cannot change tags")
        }
        var tags = latest.tags
        tags[RekeyTag.owner] = installation.text
        try await vault.retag(latest.id, of: carrier.name, with: tags)
        return sequence
    }

    /// What the target accepts beside the current credential, so far as it is certainly Rekey's.
    ///
    /// Of two keys the provider always keeps both: the other one is a spare.
    package func debts(
        of definition: CredentialDefinition,
        given facts: AdmissionFacts,
        at now: Date
    ) async throws(StepFailure) -> [Debt] {
        guard definition.target != nil, let current = facts.previousAccount else { return [] }
        let target = try adapters.target(definition.target)
        let others = try await target.inspect(current: nil).accepted
            .filter { $0.account != current }
        return others.compactMap { other in
            let label = other.label.flatMap { Self.rotation(ofLabel: $0) }
            let isOurs =
                switch definition.strategy {
                case .addThenRemove: label != nil
                // Both accounts are declared, so whoever else may sign in does so as one of them.
                case .alternate: true
                case .replace, .dualKey, .valueOnly: false
                }
            guard isOurs else { return nil }
            return Debt(
                credential: definition.id,
                target: definition.target,
                account: other.account,
                rotation: label ?? Self.unknownRotation,
                since: other.created ?? now
            )
        }
    }

    /// Of a debt whose rotation nobody remembers.
    private static let unknownRotation = RotationID("recovered")

    /// The rotation of a natural key: a UUID, a slash, and what it was for.
    private static func rotation(ofLabel label: String) -> RotationID? {
        let parts = label.split(separator: "/")
        guard parts.count > 1, let id = parts.first(where: { UUID(uuidString: String($0)) != nil })
        else { return nil }
        return RotationID(String(id))
    }
}
