import RekeyCore
import Yams

/// A secret of the file, with the places that later checks speak of.
struct SecretEntry {
    let settings: SecretSettings
    /// Where the target is said inside of the secret, this is it.
    let inlineTarget: TargetSettings?
    let target: TargetSettings?
    let section: Section

    init?(_ section: Section, _ context: Context) {
        let name = section.need("name", section.name)
        let environment = section.name("environment")
        let carriers = Self.carriers(section, context)
        let strategy = section.choice("strategy", of: Strategy.self)
        let target = Target(section, context, secret: name)
        let workloads = section.names("workloads", in: context.workloadNames)
        let hooks = section.names("hooks", in: context.hookNames)
        let policy = section.section("policy").map { PolicyLayer($0) }
        section.finish()
        if let environment {
            _ = section.existing(
                environment,
                in: context.environments,
                called: "environments",
                at: section.place("environment")
            )
        }
        guard let name, let carriers, let staging = context.stagingVault, target.isRead else {
            return nil
        }
        let id = CredentialID(name)
        let home = environment ?? context.vaults[carriers[0].reference.vault.text]?.environment
        let kind = target.settings?.kind ?? TargetSettings.noKind
        let resolved = context.policies.resolved(
            environment: home,
            kind: kind,
            secret: id,
            policy
        )
        let definition = CredentialDefinition(
            id: id,
            environment: home,
            strategy: strategy ?? target.settings?.strategies.first ?? .valueOnly,
            target: target.name,
            staging: SecretReference(vault: staging, name: Self.stagedName(id, context)),
            carriers: carriers,
            workloads: workloads.compactMap { context.workloads[$0]?.planned },
            hooks: hooks.compactMap { context.hooks[$0]?.planned },
            policy: resolved.rotation,
            window: resolved.window,
            isEnabled: resolved.isEnabled,
            notifiesNearExpiry: resolved.notifiesNearExpiry
        )
        settings = SecretSettings(definition: definition, policy: resolved)
        inlineTarget = target.isInline ? target.settings : nil
        self.target = target.settings
        self.section = section
    }

    /// The hashed name under which candidates are staged.
    private static func stagedName(_ id: CredentialID, _ context: Context) -> SecretName {
        SecretName("rekey-" + UUIDv5.text(in: context.installation.text, ["staging", id.text]))
    }

    /// `carrier`, or the list `carriers`.
    private static func carriers(_ section: Section, _ context: Context) -> [PlannedCarrier]? {
        let single = section.node("carrier").map { _ in Self.carrier(section, context) }
        let many = section.node("carriers") == nil ? nil : section.sections("carriers")
        let read = many?.map { PlannedCarrier($0, context) }
        guard section.has("carrier") != section.has("carriers") else {
            section.findings.add("expected `carrier` or `carriers`", at: section.place)
            return nil
        }
        let carriers = read ?? [single ?? nil]
        if many?.isEmpty == true { section.add("name at least one carrier", at: "carriers") }
        guard !carriers.isEmpty, carriers.allSatisfy({ $0 != nil }) else { return nil }
        return carriers.compactMap(\.self)
    }

    /// `VAULT/NAME`, or a mapping.
    private static func carrier(_ section: Section, _ context: Context) -> PlannedCarrier? {
        if section.isMapping("carrier") {
            return section.section("carrier").flatMap { PlannedCarrier($0, context) }
        }
        guard let text = section.text("carrier") else { return nil }
        guard let reference = section.reference(text) else {
            section.add("expected VAULT/NAME, or a mapping with `vault` and `name`", at: "carrier")
            return nil
        }
        let isKnown = section.existing(
            reference.vault.text,
            in: context.vaultNames,
            called: "vaults",
            at: section.place("carrier")
        )
        return isKnown ? PlannedCarrier(reference) : nil
    }

    /// A target by name, or a section of its own.
    private struct Target {
        var name: TargetName?
        var settings: TargetSettings?
        var isInline = false
        /// Whether what the file says about the target is right.
        var isRead = true

        init(_ section: Section, _ context: Context, secret: String?) {
            guard section.node("target") != nil else { return }
            if section.isMapping("target") {
                settings = section.section("target").flatMap(TargetSettings.init)
                name = secret.map { TargetName($0) }
                (isInline, isRead) = (true, settings != nil)
                if let secret, context.targetNames.contains(secret) {
                    section.add("`targets` has one of this secret's name already", at: "target")
                }
                return
            }
            guard let text = section.name("target"),
                section.existing(
                    text,
                    in: context.targetNames,
                    called: "targets",
                    at: section.place("target")
                )
            else {
                isRead = false
                return
            }
            name = TargetName(text)
            settings = context.targets[text]
            isRead = settings != nil
        }
    }
}

extension PlannedCarrier {
    fileprivate init?(_ section: Section, _ context: Context) {
        let vault = section.need("vault", section.name)
        let name = section.need("name", section.text)
        let format = section.has("format") ? ValueFormat(section) : .bare
        if !section.has("format") { _ = section.node("format") }
        let audience = section.choice("audience", of: Audience.self) ?? .everyone
        section.finish()
        var isNamed = name != nil
        if let name, !VaultEntryName.isValid(name) {
            section.add(VaultEntryName.rule, at: "name")
            isNamed = false
        }
        let isKnown = vault.map {
            section.existing(
                $0,
                in: context.vaultNames,
                called: "vaults",
                at: section.place("vault")
            )
        }
        guard isNamed, isKnown == true, let vault, let name, let format else { return nil }
        let reference = SecretReference(vault: VaultName(vault), name: SecretName(name))
        self.init(reference, format: format, audience: audience)
    }
}

extension Section {
    /// A list of names, each of which has to exist and to stand there once.
    fileprivate func names(_ key: String, in known: Set<String>) -> [String] {
        let names = texts(key)
        if Set(names).count != names.count { add("the same name twice", at: key) }
        return names.filter { existing($0, in: known, called: key, at: place(key)) }
    }
}
