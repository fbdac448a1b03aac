import RekeyCore

/// What no section can tell by itself: whether the secrets, and what they name, fit together.
struct CrossChecks {
    let context: Context
    let root: Section
    let azure: AzureSettings?

    private var findings: Findings { root.findings }
    var hasSigner: Bool { root.has("signer") }

    func check(_ entries: [SecretEntry]) {
        checkNames(entries)
        checkCarriers(entries)
        checkAccounts(entries)
        checkPlaces(entries)
        for entry in entries {
            checkStrategy(entry)
            checkStaging(entry)
            checkTimes(entry)
            checkDelivery(entry)
            checkEvidence(entry)
            checkFooting(entry)
        }
        warnOfUnused(entries)
    }

    private func checkNames(_ entries: [SecretEntry]) {
        var seen: Set<CredentialID> = []
        for entry in entries where !seen.insert(entry.id).inserted {
            entry.section.add("the name of an earlier secret", at: "name")
        }
    }

    private func checkAccounts(_ entries: [SecretEntry]) {
        var seen: Set<String> = []
        for entry in entries {
            for account in entry.target?.accountsInUse ?? []
            where !seen.insert(account).inserted {
                entry.section.add("an earlier secret rotates the same account", at: "target")
            }
        }
    }

    private func checkStrategy(_ entry: SecretEntry) {
        let definition = entry.definition
        let possible = entry.target?.strategies ?? [.valueOnly]
        if !possible.contains(definition.strategy) {
            let names = words(possible.map(\.rawValue))
            entry.section.add("this target can only do \(names)", at: "strategy")
        }
        if definition.strategy == .alternate,
            !definition.carriers.allSatisfy(\.format.namesAccount)
        {
            let problem =
                "two roles take turns, so the document has to name the account: "
                + "`bare`, lists and `json` without `account` do not"
            entry.section.add(problem, at: entry.carrierKey)
        }
        if definition.strategy == .valueOnly {
            let verifiers = definition.carriers.filter { $0.audience != .callers }
            if !verifiers.allSatisfy(\.format.holdsSeveral) {
                let problem = "verifiers that hold one value refuse callers until all have reloaded"
                findings.warn(problem, at: entry.section.place(entry.carrierKey))
            }
        }
    }

    private func checkStaging(_ entry: SecretEntry) {
        guard let staging = context.stagingVault,
            entry.definition.carriers.contains(where: { $0.reference.vault == staging }),
            context.vaults[staging.text]?.allowsStaging == false
        else { return }
        let problem =
            "stands in the staging vault; apps that load every secret would load candidates: "
            + "use another vault, or set `allowStaging: true` on this one"
        entry.section.add(problem, at: entry.carrierKey)
    }

    /// Rekey refuses to rotate what it stands on, except by an overlap.
    private func checkFooting(_ entry: SecretEntry) {
        checkIdentity(entry)
        guard !entry.definition.strategy.overlaps else { return }
        for carrier in entry.definition.carriers
        where findings.vaultSources.contains(carrier.reference) {
            entry.section.add("Rekey signs in with it itself: needs an overlap", at: "name")
        }
    }

    /// What Rekey signs in to Azure with is read anew where it comes from a file, and never where
    /// it comes from the environment.
    private func checkIdentity(_ entry: SecretEntry) {
        guard case .clientSecret(let client, let secret)? = azure?.identity,
            case .entraApplication(let target)? = entry.target,
            target.applicationID.lowercased() == client.lowercased()
        else { return }
        switch secret {
        case .environment:
            let problem =
                "Rekey signs in as this application, with a secret from its environment that the "
                + "rotation revokes: take it from a file that a hook renews, or use a certificate"
            entry.section.add(problem, at: "target")
        case .file:
            let problem = "Rekey signs in as this application: a hook has to renew its file"
            findings.warn(problem, at: entry.section.place("target"))
        case .vault: break
        }
    }

    private func warnOfUnused(_ entries: [SecretEntry]) {
        let workloads = entries.flatMap { $0.definition.workloads.map(\.name.text) }
        let hooks = entries.flatMap { $0.definition.hooks.map(\.name.text) }
        let targets = entries.compactMap { $0.definition.target?.text }
        for (key, known, used) in [
            ("workloads", context.workloadNames, workloads), ("hooks", context.hookNames, hooks),
            ("targets", context.targetNames, targets),
        ] {
            for name in known.subtracting(used).sorted() {
                findings.warn("`\(name)` is used by no secret", at: root.place(key))
            }
        }
        if entries.isEmpty, findings.errors.isEmpty {
            findings.warn("no secrets: there is nothing to rotate", at: root.place)
        }
    }
}

extension SecretEntry {
    var definition: CredentialDefinition { settings.definition }
    var id: CredentialID { definition.id }
    var carrierKey: String { section.has("carrier") ? "carrier" : "carriers" }
}
