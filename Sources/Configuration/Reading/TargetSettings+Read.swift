import RekeyCore

extension TargetSettings {
    /// Reads a section with one key, the target's kind.
    init?(_ parent: Section) {
        let found = parent.oneOf(["postgres", "entraApplication"])
        parent.finish()
        guard let (kind, section) = found else { return nil }
        let settings: Self? =
            kind == "postgres"
            ? PostgresTargetSettings(section).map(Self.postgres)
            : EntraApplicationSettings(section).map(Self.entraApplication)
        guard let settings else { return nil }
        self = settings
    }
}

extension PostgresTargetSettings {
    /// PostgreSQL's NAMEDATALEN less one.
    private static let roleByteLimit = 63

    fileprivate init?(_ section: Section) {
        let host = section.need("host", section.text)
        let port = section.integer("port", in: 1...65_535) ?? Self.defaultPort
        let database = section.text("database") ?? "postgres"
        let tls = section.section("tls")
        let mode = tls?.choice("mode", of: TLSMode.self) ?? .verifyFull
        let authorities = tls?.filePath("ca")
        tls?.finish()
        let administrator = section.need("administrator", section.section)
        let user = administrator.flatMap { $0.need("user", $0.text) }
        let password = administrator.flatMap { $0.need("password", $0.source) }
        administrator?.finish()
        let accounts = Self.accounts(section)
        let owner = section.text("owner")
        let form = section.choice("verifier", of: PasswordForm.self) ?? .scram
        if let host, mode == .off, !Host.isLoopback(host) {
            tls?.add("without TLS only to this machine", at: "mode")
        }
        if accounts?.count == 2, !section.has("owner") {
            let problem = "two accounts need an `owner`, the NOLOGIN role as which both act"
            section.findings.add(problem, at: section.place)
        }
        if let user, accounts?.contains(user) == true {
            let problem = "the administrator is one of them, and could not sign in afterwards"
            section.add(problem, at: "accounts")
        }
        section.finish()
        guard let host, let user, let password, let accounts else { return nil }
        self.init(
            host: host,
            port: port,
            database: database,
            tlsMode: mode,
            authorities: authorities,
            administrator: user,
            administratorPassword: password,
            accounts: accounts.map { AccountID($0) },
            owner: owner,
            passwordForm: form
        )
    }

    private static func accounts(_ section: Section) -> [String]? {
        _ = section.need("accounts", section.node)
        let accounts = section.texts("accounts")
        guard section.has("accounts") else { return nil }
        guard (1...2).contains(accounts.count), Set(accounts).count == accounts.count,
            accounts.allSatisfy({ $0.utf8.count <= roleByteLimit })
        else {
            section.add("expected one role, or two that take turns", at: "accounts")
            return nil
        }
        return accounts
    }
}

extension EntraApplicationSettings {
    private static let proveCountLimits = 1...20
    /// The longest is well under the 90 s that one look goes on for.
    private static let settleLimits = 1.0...60.0
    private static let scopeSuffix = "/.default"

    fileprivate init?(_ section: Section) {
        let tenant = section.need("tenantId", section.uuid)
        let application = section.need("applicationId", section.uuid)
        let object = section.need("objectId", section.uuid)
        let displayName = section.text("displayName")
        let owners = section.texts("owners")
        let scope = section.text("proveScope")
        if let scope, !scope.hasSuffix(Self.scopeSuffix) || scope == Self.scopeSuffix {
            section.add("expected a resource followed by \(Self.scopeSuffix)", at: "proveScope")
        }
        let count = section.integer("proveCount", in: Self.proveCountLimits)
        let settle = section.duration("settle", in: Self.settleLimits)
        section.finish()
        guard let tenant, let application, let object else { return nil }
        self.init(
            tenantID: tenant,
            applicationID: application,
            objectID: object,
            displayName: displayName,
            owners: owners,
            proofResource: scope.map { String($0.dropLast(Self.scopeSuffix.count)) },
            proveCount: count ?? Self.defaultProveCount,
            settleSeconds: settle ?? Self.defaultSettleSeconds
        )
    }
}
