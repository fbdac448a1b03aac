import RekeyCore

extension SiteSettings {
    init?(_ name: String, _ section: Section) {
        // It is one word of a routing key.
        if !name.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }) {
            let problem = "a site's name has lower-case letters, digits and hyphens"
            section.findings.add(problem, at: section.place)
        }
        let certificate = section.need("certificate", section.filePath)
        let user = section.text("user")
        section.finish()
        guard let certificate else { return nil }
        self.init(
            name: name,
            certificate: certificate,
            user: user ?? SiteAnswer.standardUser(site: name)
        )
    }
}

extension Permissions {
    init(_ section: Section) {
        var allowed: [Act: Set<Identity>] = [:]
        for act in Act.allCases {
            let names = section.texts(act.rawValue)
            let identities = names.compactMap(Identity.init)
            if identities.count != names.count {
                section.add("expected a list of user:NAME and person:NAME", at: act.rawValue)
            }
            allowed[act] = Set(identities)
        }
        let gatewayUser = section.text("gatewayUser")
        let hasPersons = allowed.values.joined().contains {
            if case .person = $0 { return true }
            return false
        }
        if hasPersons, gatewayUser == nil {
            let problem = "persons need a `gatewayUser`, whose word about them counts"
            section.findings.add(problem, at: section.place)
        }
        section.finish()
        self.init(allowed: allowed, gatewayUser: gatewayUser)
    }
}

extension Permissions.Identity {
    fileprivate init?(_ text: String) {
        let name = String(text.drop { $0 != ":" }.dropFirst())
        guard !name.isEmpty else { return nil }
        if text.hasPrefix("user:") {
            self = .user(name)
        } else if text.hasPrefix("person:") {
            self = .person(name)
        } else {
            return nil
        }
    }
}

extension WorkerSettings {
    private static let sweepLimits = 1.0...3_600.0
    private static let rememberLimits = 86_400.0...315_360_000.0
    private static let claimLimits = 1.0...3_600.0
    private static let vaultWriteLimits = 1...2_000

    init(_ section: Section) {
        self.init()
        let inFlight = section.integer("rotationsInFlight", in: Self.rotationsInFlightLimits)
        let sweep = section.duration("sweepEvery", in: Self.sweepLimits)
        let remember = section.duration("rememberFor", in: Self.rememberLimits)
        let claim = section.duration("claim", in: Self.claimLimits)
        let adoptions = section.integer("adoptionsPerSweep", in: Self.adoptionsPerSweepLimits)
        let writes = section.integer("vaultWritesPerTenSeconds", in: Self.vaultWriteLimits)
        listen = section.listen("listen")
        section.finish()
        rotationsInFlight = inFlight ?? rotationsInFlight
        sweepSeconds = sweep ?? sweepSeconds
        rememberSeconds = remember ?? rememberSeconds
        claimSeconds = claim ?? claimSeconds
        adoptionsPerSweep = adoptions ?? adoptionsPerSweep
        vaultWritesPerTenSeconds = writes ?? vaultWritesPerTenSeconds
    }
}

extension LogSettings {
    init(_ section: Section) {
        self.init()
        form = section.choice("form", of: Form.self) ?? form
        level = section.choice("level", of: Level.self) ?? level
        section.finish()
    }
}
