extension AzureSettings {
    init?(_ section: Section) {
        let tenant = section.need("tenant", section.name)
        let identity = section.need("identity", section.section).flatMap(Identity.init)
        let cloud = section.choice("cloud", of: Cloud.self)
        let authority = section.base("authority")
        let graph = section.base("graph")
        let manager = section.base("resourceManager")
        let metadata = section.url("instanceMetadata", schemes: ["http", "https"])
        let authorities = section.filePath("ca")
        section.finish()
        guard let tenant, let identity else { return nil }
        self.init(tenant: tenant, identity: identity)
        self.cloud = cloud ?? self.cloud
        self.authority = authority
        self.graph = graph
        self.resourceManager = manager
        self.instanceMetadata = metadata?.text ?? self.instanceMetadata
        self.authorities = authorities
    }
}

extension Section {
    /// The URL that paths are put behind: one that ends with a slash would have two.
    ///
    /// Entra's issuers and audiences begin with it, and are compared as text.
    fileprivate func base(_ key: String) -> String? {
        guard var text = url(key, schemes: ["https"])?.text else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}

extension AzureSettings.Identity {
    private static let kinds = ["clientSecret", "certificate", "federated", "managedIdentity"]

    fileprivate init?(_ parent: Section) {
        let found = parent.oneOf(Self.kinds)
        parent.finish()
        guard let (kind, section) = found else { return nil }
        let client = kind == "managedIdentity" ? section.uuid("client") : nil
        let identity: Self? =
            switch kind {
            case "clientSecret": Self.clientSecret(section)
            case "certificate": Self.certificate(section)
            case "federated": Self.federated(section)
            default: .managedIdentity(client: client)
            }
        section.finish()
        guard let identity else { return nil }
        self = identity
    }

    private static func clientSecret(_ section: Section) -> Self? {
        let client = section.need("client", section.uuid)
        let secret = section.need("secret", section.source)
        guard let client, let secret else { return nil }
        if case .vault = secret {
            // Each would wait for the other.
            let problem = "no vault is read without this very secret: use file: or env:"
            section.add(problem, at: "secret")
            return nil
        }
        return .clientSecret(client: client, secret: secret)
    }

    private static func certificate(_ section: Section) -> Self? {
        let client = section.need("client", section.uuid)
        _ = section.need("certificate", section.node)
        let files = section.certificateFiles("certificate", "signingKey")
        guard let client, let files else { return nil }
        return .certificate(client: client, files: files)
    }

    private static func federated(_ section: Section) -> Self? {
        let client = section.need("client", section.uuid)
        let file = section.need("tokenFile", section.filePath)
        guard let client, let file else { return nil }
        return .federated(client: client, tokenFile: file)
    }
}
