import RekeyCore

extension WorkloadSettings {
    /// Container Apps and App Service cache a reference up to a day.
    private static let cacheLimits = 0.0...172_800.0
    private static let waveLimits = 0...99

    init?(_ name: String, _ section: Section) {
        let sessions = section.section("sessions").flatMap(SessionOrigin.init)
        let http = HTTPWorkloadSettings(of: section)
        let feed = section.choice("deliveredBy", of: Feed.self) ?? .vault
        let needs = section.choice("needs", of: EvidenceLevel.self) ?? .healthy
        let audience = section.choice("audience", of: Audience.self) ?? .everyone
        let wave = section.integer("wave", in: Self.waveLimits) ?? 0
        let cache = section.duration("cache", in: Self.cacheLimits) ?? 0
        if let http {
            var shown = http.checks.map(\.shows) + (http.challengeURL == nil ? [] : [.proved])
            if section.has("sessions") { shown.append(.signedIn) }
            if shown.max() ?? .none < needs {
                section.add("nothing shows as much as this; \(Self.hint(needs))", at: "needs")
            }
        }
        if feed == .hook, http?.reloadURL != nil {
            let problem = "what a hook delivers is not reloaded here: let the hook do it"
            section.add(problem, at: "http")
        }
        section.finish()
        guard let http else { return nil }
        self.init(
            name: WorkloadName(name),
            kind: .http(http),
            deliveredBy: feed == .vault ? .vault : .hook,
            needs: needs,
            audience: audience,
            wave: wave,
            cacheSeconds: cache,
            sessions: sessions
        )
    }

    /// What would show a level.
    private static func hint(_ level: EvidenceLevel) -> String {
        switch level {
        case .none, .restarted, .healthy: "`http.checks` can"
        case .signedIn: "`sessions` can"
        case .proved: "`http.challenge` can"
        }
    }

    private enum Feed: String, CaseIterable { case vault, hook }
}

extension HTTPWorkloadSettings {
    /// Of a workload's section; one that its target watches need not be asked over HTTP.
    fileprivate init?(of section: Section) {
        guard section.has("http") || !section.has("sessions") else {
            self.init(checks: [], timeoutSeconds: Self.defaultTimeout)
            return
        }
        let own = section.need("http", section.section).flatMap { HTTPWorkloadSettings($0) }
        guard let own else { return nil }
        self = own
    }

    private static let timeoutLimits = 0.1...60.0
    private static let defaultTimeout = 5.0

    fileprivate init?(_ section: Section) {
        let checks = section.sections("checks").map {
            Check($0, sendsToken: section.has("token"))
        }
        let challenge = section.url("challenge", schemes: ["https", "http"], allowsQuery: true)
        if let challenge, challenge.scheme == "http", !challenge.isLoopback {
            section.add("a challenge goes over https, or stays on this machine", at: "challenge")
        }
        let isAsked = !checks.isEmpty || section.has("challenge")
        if !isAsked {
            section.findings.add("name at least one check, or a challenge", at: section.place)
        }
        let reload = section.url("reload", schemes: ["https", "http"], allowsQuery: true)
        if section.has("token") { reload?.warnWithoutTLS(section, at: "reload") }
        let header = section.headerName("header")
        let token = section.source("token")
        let authorities = section.filePath("ca")
        let timeout = section.duration("timeout", in: Self.timeoutLimits)
        section.finish()
        guard isAsked, checks.allSatisfy({ $0 != nil }) else { return nil }
        self.init(
            checks: checks.compactMap(\.self),
            challengeURL: challenge?.text,
            reloadURL: reload?.text,
            header: header ?? (token == nil ? nil : "Authorization"),
            token: token,
            authorities: authorities,
            timeoutSeconds: timeout ?? Self.defaultTimeout
        )
    }
}

extension WebAddress {
    /// Says where a token would be sent in the clear over a network.
    fileprivate func warnWithoutTLS(_ section: Section, at key: String) {
        guard scheme == "http", !isLoopback else { return }
        section.findings.warn("without TLS the token crosses the network", at: section.place(key))
    }
}

extension HTTPWorkloadSettings.Check {
    private static let statusLimits = 100...599

    /// What an application may say of itself; more than that somebody else has to see.
    private enum Claim: String, CaseIterable { case restarted, healthy }

    fileprivate init?(_ section: Section, sendsToken: Bool) {
        let url = section.need("url") {
            section.url($0, schemes: ["https", "http"], allowsQuery: true)
        }
        if sendsToken { url?.warnWithoutTLS(section, at: "url") }
        let status = section.integer("status", in: Self.statusLimits) ?? 200
        let pointer = section.text("pointer")
        let equals = section.text("equals")
        let shows: EvidenceLevel =
            section.choice("shows", of: Claim.self) == .restarted ? .restarted : .healthy
        if let pointer, JSONPointer(pointer) == nil {
            section.add("expected an RFC 6901 pointer such as /status", at: "pointer")
        }
        if section.has("pointer") != section.has("equals") {
            section.findings.add("`pointer` and `equals` go together", at: section.place)
        }
        section.finish()
        guard let url else { return nil }
        self.init(url: url.text, status: status, pointer: pointer, equals: equals, shows: shows)
    }
}
