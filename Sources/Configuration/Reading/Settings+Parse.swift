import RekeyCore

extension Settings {
    /// Reads the text of a configuration file, which `file` names in messages.
    ///
    /// Throws all that is wrong with it at once. It touches nothing that the text mentions.
    package static func parse(
        _ yaml: String,
        file: String = "rekey.yaml"
    ) throws(ConfigurationErrors) -> Settings {
        let findings = Findings(file: file)
        let settings = read(yaml, findings)
        guard let settings, findings.errors.isEmpty else { throw findings.sorted }
        return settings
    }

    /// The keys that a reader of `yaml` looks for, with `*` for a name and `[]` for an index:
    /// what the JSON Schema in `contracts/` is held against.
    package static func keysLookedFor(in yaml: String) -> Set<String> {
        let findings = Findings(file: "")
        _ = read(yaml, findings)
        return findings.keys
    }

    /// Reads as far as the mistakes allow; they are in `findings`.
    static func read(_ yaml: String, _ findings: Findings) -> Settings? {
        guard let node = Document.root(yaml, findings),
            let root = Section(node, path: "", catalogPath: "", findings)
        else { return nil }
        var context = Context()
        let vaults = readVaults(root, &context)
        let installation = root.need("installation", root.name)
        context.installation = InstallationID(installation ?? "")
        let journal = root.need("journal", root.section).flatMap { JournalSettings($0) }
        let broker = root.need("broker", root.section).flatMap { BrokerSettings($0) }
        let azure = root.need("azure", root.section).flatMap { AzureSettings($0) }
        let gateway = root.section("gateway").flatMap { GatewaySettings($0) }
        let signer = root.section("signer").flatMap(readSigner)
        let sites = readSites(root)
        readParties(root, &context, sites: Set(sites.keys))
        let permissions = root.section("permissions").map { Permissions($0) }
        let worker = root.section("worker").map { WorkerSettings($0) }
        let logs = root.section("logs").map { LogSettings($0) }
        let entries = root.sections("secrets").compactMap { SecretEntry($0, context) }
        root.finish()
        CrossChecks(context: context, root: root, azure: azure).check(entries)
        guard let installation, let journal, let broker, let azure,
            let staging = context.stagingVault
        else { return nil }
        let targets = named(context.targets, TargetName.init)
            .merging(inlineTargets(entries), uniquingKeysWith: { first, _ in first })
        return Settings(
            installation: InstallationID(installation),
            journal: journal,
            broker: broker,
            azure: azure,
            gateway: gateway,
            vaults: named(vaults, VaultName.init),
            stagingVault: staging,
            targets: targets,
            workloads: named(context.workloads, WorkloadName.init),
            hooks: named(context.hooks, HookName.init),
            sites: sites,
            signer: signer,
            permissions: permissions ?? Permissions(allowed: [:], gatewayUser: nil),
            worker: worker ?? WorkerSettings(),
            logs: logs ?? LogSettings(),
            secrets: entries.map(\.settings),
            warnings: findings.warnings
        )
    }

    private static func readVaults(
        _ root: Section,
        _ context: inout Context
    ) -> [String: VaultSettings] {
        context.environments = Set(root.texts("environments"))
        _ = root.need("vaults", root.node)
        for (name, section) in root.named("vaults") {
            context.vaultNames.insert(name)
            let vault = VaultSettings(name, section)
            context.vaults[name] = vault
            if let environment = vault?.environment {
                _ = section.existing(
                    environment,
                    in: context.environments,
                    called: "environments",
                    at: section.place("environment")
                )
            }
        }
        root.findings.vaults = context.vaultNames
        if let staging = root.need("stagingVault", root.name),
            root.existing(
                staging,
                in: context.vaultNames,
                called: "vaults",
                at: root.place("stagingVault")
            )
        {
            context.stagingVault = VaultName(staging)
        }
        return context.vaults
    }

    private static func readSites(_ root: Section) -> [String: SiteSettings] {
        var sites: [String: SiteSettings] = [:]
        for (name, section) in root.named("sites") { sites[name] = SiteSettings(name, section) }
        return sites
    }

    private static func readSigner(_ section: Section) -> CertificateFiles? {
        _ = section.need("certificate", section.node)
        let files = section.certificateFiles("certificate", "signingKey")
        section.finish()
        return files
    }

    private static func readParties(
        _ root: Section,
        _ context: inout Context,
        sites: Set<String>
    ) {
        if let section = root.section("policies") {
            context.policies = PolicyLayers(section, environments: context.environments)
        }
        for (name, section) in root.named("targets") {
            context.targetNames.insert(name)
            context.targets[name] = TargetSettings(section)
        }
        for (name, section) in root.named("workloads") {
            context.workloadNames.insert(name)
            context.workloads[name] = WorkloadSettings(name, section)
        }
        for (name, section) in root.named("hooks") {
            context.hookNames.insert(name)
            context.hooks[name] = HookSettings(name, section, sites: sites)
        }
    }

    private static func inlineTargets(_ entries: [SecretEntry]) -> [TargetName: TargetSettings] {
        let pairs = entries.compactMap { entry in
            entry.settings.definition.target.flatMap { name in
                entry.inlineTarget.map { (name, $0) }
            }
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func named<Name: Hashable, Value>(
        _ values: [String: Value],
        _ name: (String) -> Name
    ) -> [Name: Value] {
        Dictionary(uniqueKeysWithValues: values.map { (name($0.key), $0.value) })
    }
}
