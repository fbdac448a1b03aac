extension GatewaySettings {
    init?(_ section: Section) {
        let listen = section.listen("listen", else: Self.defaultListen)
        let tls = section.certificateFiles("certificate", "signingKey")
        let eventGrid = section.section("eventGrid").flatMap(EventGrid.init)
        let apiToken = section.source("apiToken")
        guard let listen else {
            section.finish()
            return nil
        }
        if tls == nil, !Host.isLoopback(listen.host) {
            let place = section.place("listen")
            section.findings.warn("without TLS of its own; put a proxy in front", at: place)
        }
        section.finish()
        self.init(
            host: listen.host,
            port: listen.port,
            tls: tls,
            eventGrid: eventGrid,
            apiToken: apiToken
        )
    }
}

extension GatewaySettings.EventGrid {
    fileprivate init?(_ section: Section) {
        let found = section.oneOf(["header", "entra"])
        let subscriptions = section.texts("subscriptions")
        section.finish()
        guard let (kind, inner) = found else { return nil }
        let authentication = kind == "header" ? Self.header(inner) : Self.entra(inner)
        inner.finish()
        guard let authentication else { return nil }
        self.init(authentication: authentication, subscriptions: subscriptions)
    }

    private static func header(
        _ section: Section
    ) -> GatewaySettings.EventGridAuthentication? {
        let name = section.need("name", section.headerName)
        let value = section.need("value", section.source)
        guard let name, let value else { return nil }
        return .header(name: name, value: value)
    }

    private static func entra(
        _ section: Section
    ) -> GatewaySettings.EventGridAuthentication? {
        // As `tid` and `azp` have them: a domain's name would match no token.
        let tenant = section.need("tenant", section.uuid)
        let audience = section.need("audience", section.text)
        let applications = section.uuids("applications")
        let role = section.text("role")
        if applications.isEmpty {
            section.add("name the applications that may send, by client id", at: "applications")
        }
        guard let tenant, let audience, !applications.isEmpty else { return nil }
        return .entra(
            tenant: tenant,
            audience: audience,
            applications: applications,
            role: role
        )
    }
}

extension Section {
    /// An address and a port; nil where there is none, or a mistake.
    func listen(_ key: String, else other: String? = nil) -> ListenAddress? {
        guard let text = text(key) ?? other else { return nil }
        guard let (host, port) = Host.parse(text), let port else {
            add("expected an address and a port, such as 127.0.0.1:8080", at: key)
            return nil
        }
        return ListenAddress(host: host, port: port)
    }

    /// A header's name, RFC 9110 §5.1.
    func headerName(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        let isToken = text.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-")
        }
        guard isToken else {
            add("expected a header's name", at: key)
            return nil
        }
        return text
    }
}
