import RekeyCore

// Whether hooks bring a secret to whoever needs it.
extension CrossChecks {
    func checkDelivery(_ entry: SecretEntry) {
        let definition = entry.definition
        if definition.workloads.contains(where: { $0.deliveredBy == .hook }) {
            if definition.hooks.isEmpty {
                let problem = "a workload is delivered by hook, and there is none"
                entry.section.add(problem, at: "workloads")
            } else if !definition.hooks.contains(where: \.isRequired) {
                let problem =
                    "a workload is delivered by hook, and none is `required`: the old value would "
                    + "be revoked whether they succeed or not"
                entry.section.add(problem, at: "workloads")
            }
        }
        let kinds = hooks(of: entry).map(\.kind)
        if !hasSigner, kinds.contains(where: \.sealsForSite) {
            entry.section.add(
                "a site's hook needs `signer`; see `rekey init --signer`",
                at: "hooks"
            )
        }
        // The file would go on naming the other role.
        if definition.strategy == .alternate, kinds.contains(where: { $0.place != nil }) {
            let problem =
                "two roles take turns, and a site's file gets the value alone: use a runbook, "
                + "which gets `Account` too, or one role and `replace`"
            entry.section.add(problem, at: "hooks")
        }
        if definition.strategy == .replace, definition.policy.needsApproval, !kinds.isEmpty {
            let problem =
                "under `replace` the old value ends at once, and hooks wait for the approval: "
                + "whoever they feed would be locked out until then"
            entry.section.add(problem, at: "hooks")
        }
    }

    /// A variable holds one secret: of two the later would overwrite the other.
    func checkPlaces(_ entries: [SecretEntry]) {
        var owners: [SiteHookSettings.Place: HookName] = [:]
        for entry in entries {
            for hook in hooks(of: entry) {
                guard let place = hook.kind.place else { continue }
                if let owner = owners[place] {
                    let problem =
                        "hook `\(owner)` delivers another secret to the same variable of the "
                        + "same file: give each a hook with a variable of its own"
                    entry.section.add(problem, at: "hooks")
                }
                owners[place] = owners[place] ?? hook.name
            }
        }
    }

    private func hooks(of entry: SecretEntry) -> [HookSettings] {
        entry.definition.hooks.compactMap { context.hooks[$0.name.text] }
    }
}

extension SiteHookSettings {
    fileprivate struct Place: Hashable {
        let site: String
        let path: String
        let variable: String
    }
}

extension HookSettings.Kind {
    fileprivate var sealsForSite: Bool {
        switch self {
        case .site: true
        case .automation(let settings): settings.delivery == .sealed
        }
    }

    /// Where the value ends up; nil where a runbook decides.
    fileprivate var place: SiteHookSettings.Place? {
        guard case .site(let settings) = self else { return nil }
        return SiteHookSettings.Place(
            site: settings.site,
            path: settings.path,
            variable: settings.variable
        )
    }
}
