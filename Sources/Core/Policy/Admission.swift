package import Foundation

/// Whether a rotation may begin: a pure answer to facts that somebody else gathered.
package enum Admission: Equatable, Sendable {
    case accept(RotationPlan)
    /// Not now; ask again at the date. With `alarms` somebody has to hear of it.
    case later(until: Date, why: String, alarms: Bool = false)
    case decline(why: String)
    /// One is in flight already, which serves this request too.
    case coalesce(with: RotationID)

    /// Decides on a request about `definition`.
    package static func decide(
        _ definition: CredentialDefinition,
        for request: AdmissionRequest,
        given facts: AdmissionFacts,
        at now: Date
    ) -> Admission {
        if let running = facts.running { return .coalesce(with: running) }
        if let refusal = refusal(of: definition, for: request, given: facts, at: now) {
            return refusal
        }
        return .accept(plan(for: definition, given: facts))
    }

    private static func refusal(
        of definition: CredentialDefinition,
        for request: AdmissionRequest,
        given facts: AdmissionFacts,
        at now: Date
    ) -> Admission? {
        if let hinted = request.hint, !facts.carriers.contains(where: { $0.latest == hinted }) {
            return .decline(why: "superseded: the vault's latest is another version")
        }
        if let foreign = facts.carriers.compactMap(\.foreignOwner).first {
            return .decline(why: "owned by installation \(foreign)")
        }
        if facts.carriers.compactMap(\.sequence).contains(where: { $0 > facts.recordedSequence }) {
            return .decline(why: "the journal is older than the vault: run `rekey recover`")
        }
        guard facts.recordedSequence < RekeyTag.endOfSequences else {
            return .decline(
                why: "the journal's \(RekeyTag.sequence) is no number that Rekey wrote: set that "
                    + "tag right in the vaults, then run `rekey recover --rebuild`"
            )
        }
        if let why = facts.subjectRefusal { return .decline(why: why) }
        if !facts.carriersAgree {
            return .decline(why: "the carriers hold different credentials")
        }
        if let why = facts.accountRefusal { return .decline(why: why) }
        if let owed = overwritten(by: definition, given: facts)?.first, !request.isForced {
            return .decline(
                why: "\(owed) is owed: who still holds its earlier value would be locked out; see "
                    + "that nobody does, then `rekey rotate \(definition.id) --force`"
            )
        }
        guard request.reason == .routine else { return nil }
        if facts.carriers.contains(where: \.isDisabled) {
            // Nobody could go back to it, nor compare it with what the target accepts.
            return .decline(why: "the latest version of a carrier is disabled: enable it first")
        }
        if !definition.isEnabled { return .decline(why: "rotation is disabled") }
        if facts.isPaused { return .decline(why: "paused") }
        if let notBefore = facts.notBefore, now < notBefore {
            return .later(until: notBefore, why: "an earlier rotation failed")
        }
        guard request.isHint else { return nil }
        guard let due = dueDate(of: definition, given: facts) else {
            return .decline(why: "the vault names no end, so nothing is due")
        }
        guard due <= now else { return .decline(why: "not due before \(Timestamp.text(due))") }
        return windowRefusal(of: definition, dueAt: due, given: facts, at: now)
    }

    /// The maintenance window holds what nobody asked for; a person chooses the time themselves.
    private static func windowRefusal(
        of definition: CredentialDefinition,
        dueAt due: Date,
        given facts: AdmissionFacts,
        at now: Date
    ) -> Admission? {
        guard let window = definition.window else { return nil }
        let end = facts.carriers.compactMap(\.expires).min()
        switch window.verdict(dueAt: due, endsAt: end, at: now) {
        case .begin: return nil
        case .wait(let until, let alarms):
            let missed = alarms ? ", and an opening was missed" : ""
            let why = "outside of its maintenance window\(missed)"
            return .later(until: until, why: why, alarms: alarms)
        }
    }

    /// When a routine rotation is due: the threshold before the earliest end of a carrier; where
    /// none names an end, before the policy's lifetime since the last rotation or the adoption.
    package static func dueDate(
        of definition: CredentialDefinition,
        given facts: AdmissionFacts
    ) -> Date? {
        DueDate.next(
            definition.policy,
            ends: facts.carriers.compactMap(\.expires).min(),
            lastRotatedAt: facts.valueSince
        )
    }

    /// What a target that takes several credentials at once still accepts, and nobody shall use.
    private static func inheritance(
        of definition: CredentialDefinition,
        given facts: AdmissionFacts
    ) -> [AccountID]? {
        var owed = facts.unpaidDebts.filter { $0 != facts.previousAccount }
        if let superseded = facts.supersededAccount, !owed.contains(superseded) {
            owed.append(superseded)
        }
        return definition.strategy == .addThenRemove && !owed.isEmpty ? owed : nil
    }

    /// What is owed and gets another value by this rotation: it is no spare (design rule 9).
    private static func overwritten(
        by definition: CredentialDefinition,
        given facts: AdmissionFacts
    ) -> [AccountID]? {
        let owed = facts.unpaidDebts.filter { account in
            switch definition.strategy {
            case .alternate: account == facts.candidateAccount
            // Which key is idle the provider says later.
            case .dualKey: account != facts.previousAccount
            case .addThenRemove, .replace, .valueOnly: false
            }
        }
        return owed.isEmpty ? nil : owed
    }

    private static func plan(
        for definition: CredentialDefinition,
        given facts: AdmissionFacts
    ) -> RotationPlan {
        var carriers = definition.carriers
        for (index, fact) in facts.carriers.enumerated() { carriers[index].base = fact.latest }
        return RotationPlan(
            credential: definition.id,
            strategy: definition.strategy,
            target: definition.target,
            staging: definition.staging,
            carriers: carriers,
            workloads: definition.workloads,
            hooks: definition.hooks,
            previousAccount: facts.previousAccount,
            candidateAccount: facts.candidateAccount,
            previousEnd: facts.carriers.compactMap(\.expires).min(),
            sequence: facts.recordedSequence + 1,
            inheritedDebts: inheritance(of: definition, given: facts),
            overwrittenDebts: overwritten(by: definition, given: facts),
            policy: definition.policy
        )
    }
}

/// The tags that every version promoted by Rekey carries.
package enum RekeyTag {
    package static let owner = "rekey-owner"
    package static let sequence = "rekey-seq"
    package static let write = "rekey-write"
    package static let account = "rekey-account"
    /// On staged versions: intake drops events about them.
    package static let staged = "rekey-staged"

    /// The highest `rekey-seq` that is believed of a vault.
    ///
    /// No credential is rotated so often; and what is reckoned from it stays a number.
    package static let highestSequence = 1 << 53

    /// From here on none is given out: of a sequence sixteen times as many are reckoned for hooks.
    package static let endOfSequences = 1 << 58

    /// The `rekey-seq` among `tags`, nil where there is none.
    ///
    /// Throws where somebody else wrote it: believed and recorded, it would end every worker that
    /// adds to it. `recorded` is the highest that is known to be ours.
    package static func sequence(
        in tags: [String: String],
        of carrier: SecretReference,
        recorded: Int = 0
    ) throws(StepFailure) -> Int? {
        guard let text = tags[sequence] else { return nil }
        guard let number = Int(text), number >= 0, number <= max(highestSequence, recorded) else {
            throw StepFailure(
                .permanent,
                "the tag \(sequence) of \(carrier) is no number that Rekey wrote: set it right, or "
                    + "take it away"
            )
        }
        return number
    }
}
