package import RekeyCore
package import RekeyPorts

/// Gathers what admission decides by, with reads alone: `plan` and `check` use it too.
package struct FactFinder: Sendable {
    let adapters: Adapters
    let installation: InstallationID

    package init(adapters: Adapters, installation: InstallationID) {
        self.adapters = adapters
        self.installation = installation
    }

    /// The facts about a credential now.
    ///
    /// Each system is only asked where `isSettled` is false by what is known until then: the
    /// journal's record, then the vaults, then the target, whose reads may take seconds.
    package func facts(
        about definition: CredentialDefinition,
        record: CredentialRecord?,
        running: RotationID?,
        unless isSettled: (AdmissionFacts) -> Bool = { _ in false }
    ) async throws(StepFailure) -> AdmissionFacts {
        if let running {
            let known = facts(record, running, carriers: [])
            if isSettled(known) { return known }
        }
        var carriers: [AdmissionFacts.Carrier] = []
        var found: [Credential] = []
        var tagged: AccountID?
        var subjectRefusal: String?
        for carrier in definition.carriers {
            let vault = try adapters.vault(carrier.reference.vault)
            let latest = try await vault.latest(carrier.reference.name)
            carriers.append(try fact(of: latest, carrier.reference, record))
            tagged = tagged ?? latest?.tags[RekeyTag.account].map { AccountID($0) }
            if let document = latest?.value {
                let (account, secret) = try carrier.format.read(document, from: carrier.reference)
                found.append(Credential(account: account, secret: secret))
                let refusal = SubjectCheck.refusal(of: document) ?? SubjectCheck.refusal(of: secret)
                subjectRefusal = subjectRefusal ?? refusal.map { "\(carrier.reference): \($0)" }
            }
        }
        let agree = found.allSatisfy {
            $0.secret == found[0].secret && $0.account == found[0].account
        }
        var known = facts(record, running, carriers: carriers)
        known.carriersAgree = agree
        known.subjectRefusal = subjectRefusal
        if isSettled(known) { return known }
        let recorded = tagged ?? record?.account
        try await findAccounts(of: definition, found.first, recorded, &known)
        return known
    }

    /// What needs no target.
    private func facts(
        _ record: CredentialRecord?,
        _ running: RotationID?,
        carriers: [AdmissionFacts.Carrier]
    ) -> AdmissionFacts {
        AdmissionFacts(
            carriers: carriers,
            carriersAgree: true,
            running: running,
            recordedSequence: record?.sequence ?? 0,
            isPaused: record?.isPaused ?? false,
            notBefore: record?.notBefore,
            valueSince: record.map { $0.lastRotatedAt ?? $0.adoptedAt },
            previousAccount: nil,
            candidateAccount: nil,
            subjectRefusal: nil
        )
    }

    /// Throws where a compromise names a version that none of `carriers` has.
    ///
    /// A disabled version is one of theirs, too.
    package func checkVersions(
        of reason: RotationReason,
        in carriers: [PlannedCarrier]
    ) async throws(StepFailure) {
        guard case .compromise(let versions, _) = reason else { return }
        guard versions.count <= Self.namedVersionsLimit else {
            let limit = Self.namedVersionsLimit
            throw StepFailure(.permanent, "a compromise names \(limit) versions at most")
        }
        for version in versions {
            var isKnown = false
            for carrier in carriers where !isKnown {
                let vault = try adapters.vault(carrier.reference.vault)
                isKnown = try await vault.version(version, of: carrier.reference.name) != nil
            }
            guard !isKnown else { continue }
            let places = carriers.map(\.reference.description).joined(separator: ", ")
            throw StepFailure(.permanent, "no version \(version.text.prefix(64)) of \(places)")
        }
    }

    /// Whether a carrier holds what one of these versions holds, or that cannot be told.
    func mayHold(
        _ versions: [VersionID],
        in carriers: [PlannedCarrier]
    ) async throws(StepFailure) -> Bool {
        var current: [Secret] = []
        var named: [Secret] = []
        for carrier in carriers {
            let (reference, name) = (carrier.reference, carrier.reference.name)
            let vault = try adapters.vault(reference.vault)
            guard let latest = try await vault.latest(name)?.value else { return true }
            current.append(try carrier.format.read(latest, from: reference).1)
            for version in versions {
                // Another carrier's has no such version.
                guard let found = try await vault.version(version, of: name) else { continue }
                guard let value = found.value else { return true }
                named.append(try carrier.format.read(value, from: reference).1)
            }
        }
        return named.contains { current.contains($0) }
    }

    /// Each is a read of each carrier's vault.
    private static let namedVersionsLimit = 100

    /// Why what a credential's carriers hold must not be rotated; nil where it may.
    package func subjectRefusal(
        of definition: CredentialDefinition
    ) async throws(StepFailure) -> String? {
        for carrier in definition.carriers {
            let vault = try adapters.vault(carrier.reference.vault)
            guard let document = try await vault.latest(carrier.reference.name)?.value else {
                continue
            }
            if let refusal = SubjectCheck.refusal(of: document) {
                return "\(carrier.reference): \(refusal)"
            }
            let secret = try carrier.format.read(document, from: carrier.reference).1
            if let refusal = SubjectCheck.refusal(of: secret) {
                return "\(carrier.reference): \(refusal)"
            }
        }
        return nil
    }

    private func fact(
        of latest: VaultVersion?,
        _ carrier: SecretReference,
        _ record: CredentialRecord?
    ) throws(StepFailure) -> AdmissionFacts.Carrier {
        let owner = latest?.tags[RekeyTag.owner]
        let isOurs = owner == installation.text
        let recorded = record?.sequence ?? 0
        let tags = isOurs ? latest?.tags ?? [:] : [:]
        return AdmissionFacts.Carrier(
            latest: latest?.id,
            expires: latest?.expires,
            foreignOwner: isOurs ? nil : owner,
            sequence: try RekeyTag.sequence(in: tags, of: carrier, recorded: recorded),
            isDisabled: latest.map { !$0.isEnabled } ?? false
        )
    }

    private func findAccounts(
        of definition: CredentialDefinition,
        _ current: Credential?,
        _ recorded: AccountID?,
        _ facts: inout AdmissionFacts
    ) async throws(StepFailure) {
        guard definition.target != nil else { return }
        let target = try adapters.target(definition.target)
        // A document names a user; a key's id only a tag or the record knows.
        let isUser = definition.strategy == .replace || definition.strategy == .alternate
        let known = current.map {
            let named = isUser ? $0.account : nil
            return Credential(account: named ?? recorded, secret: $0.secret)
        }
        let state = try await target.inspect(current: known)
        let previous = state.current ?? known?.account ?? recorded
        if isUser, let named = current?.account {
            facts.accountRefusal = Self.refusal(of: named, of: definition, in: state)
        }
        switch definition.strategy {
        case .replace: (facts.previousAccount, facts.candidateAccount) = (previous, previous)
        case .alternate: (facts.previousAccount, facts.candidateAccount) = (previous, state.next)
        case .dualKey:
            // Any of them may be in use while nobody can tell which one is.
            guard let previous else { return }
            let idle = state.accepted.map(\.account).first { $0 != previous }
            (facts.previousAccount, facts.candidateAccount) = (previous, state.next ?? idle)
        case .addThenRemove: try await findAccount(of: known, in: state, target, recorded, &facts)
        case .valueOnly: facts.previousAccount = previous
        }
    }

    /// Why a document that names this user gets no other password: its user is none of the
    /// target's, and would stay there beside the password of one that is.
    private static func refusal(
        of named: AccountID,
        of definition: CredentialDefinition,
        in state: TargetState
    ) -> String? {
        let isKnown =
            switch definition.strategy {
            case .alternate: state.next != nil
            default: state.current.map { named.isUser($0) } ?? true
            }
        guard !isKnown else { return nil }
        return "the carriers name the user \(named), whom `accounts` of the target does not: "
            + "correct one or the other"
    }

    /// Which of several credentials the carriers hold, and what else was taken for it.
    ///
    /// A value that the target does not accept any more is none of them: then nothing is to be
    /// revoked. One that it accepts has to be told (design rule 8), or its revocation is promised
    /// and never comes.
    private func findAccount(
        of known: Credential?,
        in state: TargetState,
        _ target: any Target,
        _ recorded: AccountID?,
        _ facts: inout AdmissionFacts
    ) async throws(StepFailure) {
        guard let known else {
            // Its value is given to nobody, as where the latest version is disabled.
            facts.previousAccount = recorded
            return
        }
        let accepted = state.accepted.map(\.account)
        facts.previousAccount = state.current
        let value = Credential(account: nil, secret: known.secret)
        if state.current == nil, try await target.accepts(value) {
            guard accepted.count == 1 else {
                let others = accepted.map(\.text).joined(separator: ", ")
                facts.accountRefusal =
                    "the target accepts the value and does not tell which of \(others) it is, so "
                    + "it could not be revoked: remove those that nobody uses, or write the id to "
                    + "the tag \(RekeyTag.account) of its latest version"
                return
            }
            facts.previousAccount = accepted.first
        }
        guard let recorded, recorded != facts.previousAccount else { return }
        facts.supersededAccount = accepted.contains(recorded) ? recorded : nil
    }
}

extension AccountID {
    /// Whether it is this user, perhaps with a server's name behind, as in `erp@server`.
    fileprivate func isUser(_ other: AccountID) -> Bool {
        self == other || text.hasPrefix("\(other.text)@")
    }
}
