package import RekeyCore
package import RekeyPostgres

/// One credential of a PostgreSQL server: which roles, who administers them, and how.
package struct PostgresTargetSettings: Sendable {
    /// In what form a password is sent to the server.
    package enum Verifier: String, Sendable {
        /// The SCRAM-SHA-256 verifier, made here: the password never leaves for the server.
        case scram
        /// The password itself, for servers whose password check refuses verifiers.
        case plaintext
    }

    /// Who may change the roles' passwords.
    package struct Administrator: Sendable {
        package var role: String
        /// Asked each time that Rekey signs in as the administrator.
        package var password: @Sendable () async throws(StepFailure) -> Secret

        package init(
            role: String,
            password: @escaping @Sendable () async throws(StepFailure) -> Secret
        ) {
            self.role = role
            self.password = password
        }
    }

    /// How long the old role is watched for sessions: `count` looks, `intervalSeconds` apart.
    ///
    /// The whole of it has to fit into the deadline of a call.
    package struct SilenceSampling: Sendable, Equatable {
        package var intervalSeconds: Double
        package var count: Int

        package init(intervalSeconds: Double = 1, count: Int = 3) {
            self.intervalSeconds = intervalSeconds
            self.count = count
        }
    }

    /// By what passwordcheck, credcheck and policies like them reject a value: invalid parameter
    /// value, exception raised by a function, invalid authorization specification, check violation.
    package static let usualRefusals: Set<String> = ["22023", "P0001", "28", "23514"]

    package var name: TargetName
    package var host: String
    package var port: Int
    package var database: String
    package var tls: PostgresSettings.TLS
    package var administrator: Administrator
    package var strategy: Strategy
    /// One role for `replace`, two for `alternate`.
    package var accounts: [AccountID]
    /// The role without a login as which the accounts act, and which owns what they make.
    package var ownerRole: String?
    package var verifier: Verifier
    /// Databases that a new credential has to get into; `database` where there is none.
    package var databasesToProve: [String]
    package var silenceSampling: SilenceSampling
    /// SQLSTATE codes, or classes of two characters, that reject a value while a password is set.
    package var refusals: Set<String>
    package var limits: PostgresLimits

    /// - Precondition: `replace` has one account, `alternate` two different ones; other strategies
    ///   are not PostgreSQL's.
    package init(
        name: TargetName,
        host: String,
        port: Int = PostgresSettings.defaultPort,
        database: String,
        tls: PostgresSettings.TLS = .systemRoots,
        administrator: Administrator,
        strategy: Strategy,
        accounts: [AccountID],
        ownerRole: String? = nil,
        verifier: Verifier = .scram,
        databasesToProve: [String] = [],
        silenceSampling: SilenceSampling = SilenceSampling(),
        refusals: Set<String> = PostgresTargetSettings.usualRefusals,
        limits: PostgresLimits = PostgresLimits()
    ) {
        precondition(
            strategy == .replace && accounts.count == 1
                || strategy == .alternate && Set(accounts).count == 2 && accounts.count == 2,
            "A PostgreSQL target is one role to replace or two different ones to alternate."
        )
        self.name = name
        self.host = host
        self.port = port
        self.database = database
        self.tls = tls
        self.administrator = administrator
        self.strategy = strategy
        self.accounts = accounts
        self.ownerRole = ownerRole
        self.verifier = verifier
        self.databasesToProve = databasesToProve.isEmpty ? [database] : databasesToProve
        self.silenceSampling = silenceSampling
        self.refusals = refusals
        self.limits = limits
    }
}
