package import RekeyCore

/// Everything that a worker process of a sweep has to know, as the file that it is started with.
///
/// Values of secrets are not in it: it names the files that hold them.
package struct WorldFile: Codable, Sendable {
    package struct Broker: Codable, Sendable {
        package var host: String
        package var port: Int
        package var virtualHost: String
        package var user: String
        package var passwordFile: String

        package init(
            host: String,
            port: Int,
            virtualHost: String,
            user: String,
            passwordFile: String
        ) {
            self.host = host
            self.port = port
            self.virtualHost = virtualHost
            self.user = user
            self.passwordFile = passwordFile
        }
    }

    package struct Azure: Codable, Sendable {
        package var authority: String
        package var graph: String
        package var resourceManager: String
        package var tenant: String
        package var client: String
        package var secretFile: String
        package var trustFile: String
        package var vaultURL: String
        package var automation: Automation

        package init(
            authority: String,
            graph: String,
            resourceManager: String,
            tenant: String,
            client: String,
            secretFile: String,
            trustFile: String,
            vaultURL: String,
            automation: Automation
        ) {
            self.authority = authority
            self.graph = graph
            self.resourceManager = resourceManager
            self.tenant = tenant
            self.client = client
            self.secretFile = secretFile
            self.trustFile = trustFile
            self.vaultURL = vaultURL
            self.automation = automation
        }
    }

    /// A runbook that is handed the new value.
    package struct Automation: Codable, Sendable {
        package var subscription: String
        package var resourceGroup: String
        package var account: String
        package var runbook: String

        package init(
            subscription: String,
            resourceGroup: String,
            account: String,
            runbook: String
        ) {
            self.subscription = subscription
            self.resourceGroup = resourceGroup
            self.account = account
            self.runbook = runbook
        }
    }

    /// Two roles in turn, or one that is changed in place.
    package struct Postgres: Codable, Sendable {
        package var host: String
        package var port: Int
        package var trustFile: String
        package var administrator: String
        package var passwordFile: String
        package var accounts: [String]
        package var owner: String?

        package init(
            host: String,
            port: Int,
            trustFile: String,
            administrator: String,
            passwordFile: String,
            accounts: [String],
            owner: String?
        ) {
            self.host = host
            self.port = port
            self.trustFile = trustFile
            self.administrator = administrator
            self.passwordFile = passwordFile
            self.accounts = accounts
            self.owner = owner
        }
    }

    /// A journal in PostgreSQL, in place of the file.
    package struct JournalDatabase: Codable, Sendable {
        package var host: String
        package var port: Int
        package var user: String
        package var passwordFile: String
        package var schema: String

        package init(
            host: String,
            port: Int,
            user: String,
            passwordFile: String,
            schema: String
        ) {
            self.host = host
            self.port = port
            self.user = user
            self.passwordFile = passwordFile
            self.schema = schema
        }
    }

    package var broker: Broker
    package var azure: Azure
    package var strategy: Strategy
    /// The target of `replace` and `alternate`.
    package var postgres: Postgres?
    /// The target of `addThenRemove`.
    package var applicationID: String?
    /// The log of `LoggedKeys`, the target of `dualKey`.
    package var keys: String?
    package var journal: String
    package var journalDatabase: JournalDatabase?
    /// A folder with a file for what each workload holds; it outlives the worker.
    package var workloads: String
    /// To which the name of every call that was made is added.
    package var trace: String
    /// What its workers do wrong.
    package var planted: PlantedMistake?
    package var pace: Pace?

    package init(
        broker: Broker,
        azure: Azure,
        strategy: Strategy,
        postgres: Postgres? = nil,
        applicationID: String? = nil,
        keys: String? = nil,
        journal: String,
        journalDatabase: JournalDatabase? = nil,
        workloads: String,
        trace: String,
        planted: PlantedMistake? = nil,
        pace: Pace? = nil
    ) {
        self.broker = broker
        self.azure = azure
        self.strategy = strategy
        self.postgres = postgres
        self.applicationID = applicationID
        self.keys = keys
        self.journal = journal
        self.journalDatabase = journalDatabase
        self.workloads = workloads
        self.trace = trace
        self.planted = planted
        self.pace = pace
    }

    package static let installation = "0a6f2f0e-55c5-4a19-8f5d-7f6f0d2a7b22"
    package static let secret = "orders"
    /// What those who check a value without a target hold; the callers' is `secret`.
    package static let verifiers = "verifiers"
    package static let staged = "staged-orders"
    package static let hook = "hosts"
    /// The queues are the same whether a world has the hook or not.
    package static let hookKinds = ["automation"]
    /// A queue that gets every completion, and that nobody empties meanwhile.
    package static let witness = "client.witness"
    /// Which fault a worker is to have, as its point is written.
    package static let variable = "REKEY_CRASH"
}
