extension BrokerSettings {
    init?(_ section: Section) {
        let nodes = Self.nodes(section)
        let user = section.need("user", section.text)
        let password = section.need("password", section.source)
        let virtualHost = section.text("vhost")
        let authorities = section.filePath("ca")
        let certificate = section.certificateFiles("certificate", "signingKey")
        section.finish()
        guard let nodes, let user, let password else { return nil }
        self.init(
            nodes: nodes.map(\.node),
            usesTLS: nodes.allSatisfy(\.usesTLS),
            virtualHost: virtualHost ?? Self.defaultVirtualHost,
            user: user,
            password: password,
            authorities: authorities,
            certificate: certificate
        )
    }

    /// One URL, or a list of them.
    private static func nodes(_ section: Section) -> [(node: Node, usesTLS: Bool)]? {
        guard section.need("url", section.node) != nil else { return nil }
        let isList = section.isList("url")
        let texts = isList ? section.texts("url") : [section.text("url")].compactMap(\.self)
        let place = section.place("url")
        let addresses = texts.compactMap {
            section.url($0, schemes: ["amqp", "amqps"], at: place)
        }
        guard !addresses.isEmpty, addresses.count == texts.count else { return nil }
        let schemes = Set(addresses.map(\.scheme))
        if schemes.count > 1 { section.add("all with TLS or all without", at: "url") }
        for address in addresses where !["", "/"].contains(address.path) {
            section.add("the virtual host stands under `vhost`", at: "url")
        }
        if schemes == ["amqp"], !addresses.allSatisfy(\.isLoopback) {
            section.findings.warn("without TLS the password crosses the network", at: place)
        }
        return addresses.map { address in
            let usesTLS = address.scheme == "amqps"
            let port = address.port ?? (usesTLS ? defaultTLSPort : defaultPort)
            return (Node(host: address.host, port: port), usesTLS)
        }
    }
}
