import RekeyCore

extension HookSettings {
    private static let deadlineLimits = 1.0...604_800.0

    init?(_ name: String, _ section: Section, sites: Set<String>) {
        let found = section.oneOf(["automation", "site"])
        let isRequired = section.flag("required") ?? true
        let deadline = section.duration("deadline", in: Self.deadlineLimits)
        section.finish()
        guard let (kind, inner) = found else { return nil }
        let settings: Kind? =
            kind == "automation"
            ? AutomationHookSettings(inner, sites).map(Kind.automation)
            : SiteHookSettings(inner, sites).map(Kind.site)
        inner.finish()
        guard let settings else { return nil }
        self.init(
            name: HookName(name),
            kind: settings,
            isRequired: isRequired,
            deadlineSeconds: deadline
        )
    }
}

extension AutomationHookSettings {
    /// The parameters that Rekey hands over; no other may have the name of one.
    static let ownParameters = [
        "ClientSecret", "SealedClientSecret", "Account", "VaultName", "VaultUri", "SecretName",
        "SecretVersion", "SecretUris", "Sequence",
    ]

    fileprivate init?(_ section: Section, _ sites: Set<String>) {
        let subscription = section.need("subscription", section.uuid)
        let group = section.need("resourceGroup", section.text)
        let account = section.need("account", section.text)
        let runbook = section.need("runbook", section.text)
        let runOn = section.text("runOn")
        let parameters = Self.parameters(section)
        let delivery = section.choice("delivery", of: Delivery.self) ?? .reference
        let site = section.site("site", among: sites)
        if delivery == .sealed, !section.has("site") {
            section.findings.add("`sealed` needs a `site` to seal for", at: section.place)
        }
        if delivery == .includeSecret {
            let problem = "exposes value: job parameters stay readable for 30 days"
            section.findings.warn(problem, at: section.place("delivery"))
        }
        guard let subscription, let group, let account, let runbook else { return nil }
        self.init(
            subscription: subscription,
            resourceGroup: group,
            account: account,
            runbook: runbook,
            runOn: runOn,
            parameters: parameters,
            delivery: delivery,
            site: site
        )
    }

    private static func parameters(_ section: Section) -> [String: String] {
        guard let inner = section.section("parameters") else { return [:] }
        var parameters: [String: String] = [:]
        for (name, node) in inner.entries {
            // PowerShell does not tell upper from lower case.
            if let own = ownParameters.first(where: { $0.lowercased() == name.lowercased() }) {
                inner.add("`\(own)` is what Rekey hands over: use another name", at: name)
            }
            parameters[name] = inner.text(of: node, at: inner.place(name))
        }
        return parameters
    }
}

extension SiteHookSettings {
    fileprivate init?(_ section: Section, _ sites: Set<String>) {
        let site = section.need("site") { section.site($0, among: sites) }
        let path = section.need("path", section.filePath)
        let variable = section.need("variable", section.variable)
        let command = section.texts("command")
        if let first = command.first, !first.hasPrefix("/") {
            section.add("expected an absolute path and its arguments", at: "command")
        }
        guard let site, let path, let variable else { return nil }
        self.init(site: site, path: path, variable: variable, command: command)
    }
}

extension Section {
    /// A name of a variable, as shells take it.
    fileprivate func variable(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
        guard let first = text.first, letters.contains(first),
            text.allSatisfy({ letters.contains($0) || "0123456789".contains($0) })
        else {
            add("expected letters, digits and `_`, and no digit first", at: key)
            return nil
        }
        return text
    }

    fileprivate func site(_ key: String, among sites: Set<String>) -> String? {
        guard let site = name(key) else { return nil }
        return existing(site, in: sites, called: "sites", at: place(key)) ? site : nil
    }

    /// Whether `name` is one of those under the key `kind` of the file.
    func existing(
        _ name: String,
        in known: Set<String>,
        called kind: String,
        at place: Place
    ) -> Bool {
        if known.contains(name) { return true }
        let hint = Suggestion.nearest(to: name, among: known).map { "; did you mean `\($0)`?" }
        findings.add("no such name under `\(kind)`\(hint ?? "")", at: place)
        return false
    }
}
