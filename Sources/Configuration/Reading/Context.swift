import RekeyCore

/// What a secret may refer to, and what its policy inherits.
///
/// A name counts as known however much is wrong with what it names, so that one mistake is not
/// reported twice.
struct Context {
    var installation = InstallationID("")
    var vaults: [String: VaultSettings] = [:]
    var vaultNames: Set<String> = []
    var stagingVault: VaultName?
    var targets: [String: TargetSettings] = [:]
    var targetNames: Set<String> = []
    var workloads: [String: WorkloadSettings] = [:]
    var workloadNames: Set<String> = []
    var hooks: [String: HookSettings] = [:]
    var hookNames: Set<String> = []
    var environments: Set<String> = []
    var policies = PolicyLayers()
}

/// The policies of the file, by where they are said.
struct PolicyLayers {
    var defaults: PolicyLayer?
    var environments: [String: PolicyLayer] = [:]
    var kinds: [String: PolicyLayer] = [:]

    init() {}

    init(_ section: Section, environments names: Set<String>) {
        defaults = section.section("default").map { PolicyLayer($0) }
        for (name, inner) in section.named("environments") {
            let isKnown = inner.existing(name, in: names, called: "environments", at: inner.place)
            environments[name] = isKnown ? PolicyLayer(inner) : nil
        }
        for (name, inner) in section.named("kinds") {
            let known = Set(TargetSettings.kinds)
            if !known.contains(name) {
                section.findings.add(
                    "expected one of \(words(TargetSettings.kinds))",
                    at: inner.place
                )
            }
            kinds[name] = PolicyLayer(inner)
        }
        section.finish()
    }

    /// The layers for one secret, the weakest first.
    func resolved(
        environment: String?,
        kind: String,
        secret: CredentialID,
        _ own: PolicyLayer?
    ) -> ResolvedPolicy {
        var layers: [(PolicyOrigin, PolicyLayer)] = []
        if let defaults { layers.append((.defaults, defaults)) }
        if let environment, let layer = environments[environment] {
            layers.append((.environment(environment), layer))
        }
        if let layer = kinds[kind] { layers.append((.kind(kind), layer)) }
        if let own { layers.append((.secret(secret), own)) }
        return ResolvedPolicy(layers: layers)
    }
}
