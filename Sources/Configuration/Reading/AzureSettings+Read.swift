extension AzureSettings {
    init?(_ section: Section) {
        let tenant = section.need("tenant", section.name)
        let identity = section.need("identity", section.section).flatMap(Identity.init)
        let authority = section.url("authority", schemes: ["https"])
        let graph = section.url("graph", schemes: ["https"])
        let manager = section.url("resourceManager", schemes: ["https"])
        let metadata = section.url("instanceMetadata", schemes: ["http", "https"])
        let authorities = section.filePath("ca")
        section.finish()
        guard let tenant, let identity else { return nil }
        self.init(tenant: tenant, identity: identity)
        self.authority = authority?.text ?? self.authority
        self.graph = graph?.text ?? self.graph
        self.resourceManager = manager?.text ?? self.resourceManager
        self.instanceMetadata = metadata?.text ?? self.instanceMetadata
        self.authorities = authorities
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
