import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts
import Synchronization

/// A whole installation of Rekey for one test: broker, database, Azure, configuration.
///
/// The broker and PostgreSQL are shared by the process unless given; everything in them is its own.
final class Estate: Sendable {
    /// What differs from test to test.
    struct Options: Sendable {
        var grace = "1s"
        /// As often as the configuration allows, so that nothing waits for it.
        var sweepEvery = "300s"
        /// How long both secrets have when Rekey first sees them; ten months are not due.
        var expiresInSeconds = 25_920_000
        /// What the runbook `hosts` does.
        var runbook = "#!/bin/sh\ncat > /dev/null\n"
        var broker: PrivateRabbitMQ?
        var postgres: PrivatePostgres?
    }

    private static let count = Mutex(0)

    let options: Options
    let folder: TemporaryDirectory
    let rabbit: PrivateRabbitMQ
    let virtualHost: String
    let postgres: PrivatePostgres
    let azure: StandIn
    let gateway: String
    /// Makes the names of roles and database unique on a shared server.
    let number: Int
    let http: HTTPClient
    let firstSecret: String
    let authority: String
    /// Held for as long as this is.
    private let turn: EstateTurn

    static let eventSecret = "shared-with-event-grid"
    static let apiToken = "token-of-the-api"

    static func make(_ options: Options = Options()) async throws -> Estate {
        let turn = await EstateTurn.take()
        let number = count.withLock { count in
            count += 1
            return count
        }
        let rabbit: PrivateRabbitMQ
        if let given = options.broker { rabbit = given } else { rabbit = try await .shared() }
        let postgres: PrivatePostgres
        if let given = options.postgres { postgres = given } else { postgres = try await .shared() }
        let folder = try TemporaryDirectory("estate")
        let virtualHost = "e2e-\(number)"
        try await rabbit.makeVirtualHost(virtualHost)
        try await makeRoles(number, folder, postgres)
        let azure = try await StandIn.start(scenario(options, number, folder, postgres))
        let port = try FreePort.next()
        let estate = try await Estate(options, number, folder, rabbit, postgres, azure, port, turn)
        try estate.writeConfiguration()
        return estate
    }

    private init(
        _ options: Options,
        _ number: Int,
        _ folder: TemporaryDirectory,
        _ rabbit: PrivateRabbitMQ,
        _ postgres: PrivatePostgres,
        _ azure: StandIn,
        _ port: Int,
        _ turn: EstateTurn
    ) async throws {
        self.turn = turn
        self.options = options
        self.number = number
        self.folder = folder
        self.rabbit = rabbit
        self.postgres = postgres
        self.azure = azure
        virtualHost = "e2e-\(number)"
        let ca = try await TestCA.shared()
        let identity = try await ca.issue()
        authority = ca.certificatePath
        http = HTTPClient(trust: .file(ca.certificatePath), name: "gateway")
        gateway = "https://localhost:\(port)"
        guard let file = azure.facts.applications["orders-api"]?.passwordFiles?.first else {
            throw PartFailure("the application has no password")
        }
        firstSecret = try StandIn.text(at: file)
        try folder.write(rabbit.password, to: "rabbit")
        try folder.write(Self.eventSecret, to: "event-grid")
        try folder.write(Self.apiToken, to: "api")
        certificate = (identity.certificatePath, identity.keyPath, port)
    }

    private let certificate: (certificatePath: String, keyPath: String, port: Int)

    var configurationPath: String { folder.file("rekey.yaml") }
    var journalPath: String { folder.file("journal.db") }
    var eventsAddress: String { gateway + "/events/keyvault" }

    /// The names in PostgreSQL.
    var roles: (owner: String, first: String, second: String, database: String) {
        ("orders_\(number)", "orders_\(number)_a", "orders_\(number)_b", "orders_\(number)")
    }

    /// Writes `rekey.yaml`, with texts replaced by others for what is held wrong.
    @discardableResult
    func writeConfiguration(
        _ replacing: [(String, String)] = [],
        to name: String = "rekey.yaml"
    ) throws -> String {
        var text = configuration
        for (old, new) in replacing {
            guard text.contains(old) else { throw PartFailure("no \(old) in rekey.yaml") }
            text = text.replacing(old, with: new)
        }
        return try folder.write(text, to: name)
    }

    private var configuration: String {
        let facts = azure.facts
        let rekey = facts.applications["rekey"]
        let orders = facts.applications["orders-api"]
        let tlsPort = rabbit.tlsPort
        return """
            installation: e2e
            journal: {sqlite: \(journalPath)}
            broker:
              url: amqps://localhost:\(tlsPort)
              vhost: \(virtualHost)
              user: \(rabbit.user)
              password: file:\(folder.file("rabbit"))
              ca: \(rabbit.caPath)
            azure:
              tenant: \(facts.tenant)
              authority: \(facts.authority)
              graph: \(facts.graph)
              resourceManager: \(facts.arm)
              ca: \(facts.ca)
              identity:
                clientSecret:
                  client: \(rekey?.appId ?? "")
                  secret: file:\(rekey?.passwordFiles?.first ?? "")
            gateway:
              listen: 127.0.0.1:\(certificate.port)
              certificate: \(certificate.certificatePath)
              signingKey: \(certificate.keyPath)
              eventGrid:
                header: {name: X-Rekey-Secret, value: "file:\(folder.file("event-grid"))"}
              apiToken: file:\(folder.file("api"))
            worker: {sweepEvery: \(options.sweepEvery)}
            environments: [demo]
            vaults:
              app: {url: "\(facts.vaults["app"] ?? "")", environment: demo}
              staging: {url: "\(facts.vaults["staging"] ?? "")"}
            stagingVault: staging
            policies:
              default:
                lifetime: 90d
                updateThreshold: 336h
                grace: \(options.grace)
            permissions:
              request: ["user:\(rabbit.user)"]
            secrets:
              - name: orders-client
                carrier: app/orders-client-secret
                target:
                  entraApplication:
                    tenantId: \(facts.tenant)
                    applicationId: \(orders?.appId ?? "")
                    objectId: \(orders?.objectId ?? "")
                    proveCount: 2
                    settle: 2s
              - name: orders-database
                carrier: {vault: app, name: orders-database, format: url}
                target:
                  postgres:
                    host: localhost
                    port: \(postgres.port)
                    database: \(roles.database)
                    tls: {mode: verify-full, ca: \(postgres.caPath)}
                    administrator:
                      user: rekey_\(number)
                      password: file:\(folder.file("administrator"))
                    accounts: [\(roles.first), \(roles.second)]
                    owner: \(roles.owner)

            """
    }

    private static func makeRoles(
        _ number: Int,
        _ folder: TemporaryDirectory,
        _ postgres: PrivatePostgres
    ) async throws {
        let administrator = TestPassword.make()
        let first = TestPassword.make()
        try folder.write(administrator, to: "administrator")
        try folder.write(first, to: "first-password")
        let owner = "orders_\(number)"
        try await postgres.makeDatabase(owner)
        try await postgres.psql(
            """
            CREATE ROLE rekey_\(number) LOGIN CREATEROLE PASSWORD '\(administrator)';
            CREATE ROLE \(owner) NOLOGIN;
            CREATE ROLE \(owner)_a LOGIN PASSWORD '\(first)';
            CREATE ROLE \(owner)_b NOLOGIN;
            GRANT \(owner) TO \(owner)_a, \(owner)_b;
            ALTER ROLE \(owner)_a SET role = '\(owner)';
            ALTER ROLE \(owner)_b SET role = '\(owner)';
            GRANT \(owner)_a, \(owner)_b TO rekey_\(number) WITH ADMIN OPTION;
            ALTER DATABASE \(owner) OWNER TO \(owner);
            """
        )
    }

    private static func scenario(
        _ options: Options,
        _ number: Int,
        _ folder: TemporaryDirectory,
        _ postgres: PrivatePostgres
    ) -> [String: Any] {
        let template =
            "postgres://orders_\(number)_a:{value}@localhost:\(postgres.port)/orders_\(number)"
        let rights: [String: Any] = ["rekey": ["get", "list", "set"], "observer": ["*"]]
        let password: [String: Any] = ["displayName": "first", "lifetimeDays": 300]
        return [
            "settings": ["eventTimeScale": 0.01, "jobStartSeconds": 0.1],
            "applications": [
                [
                    "name": "rekey", "passwords": [password],
                    "graph": ["Application.ReadWrite.OwnedBy"], "arm": ["read", "write"],
                ],
                ["name": "observer", "passwords": [password]],
                ["name": "orders-api", "owners": ["rekey"], "passwords": [password]],
            ],
            "vaults": [
                [
                    "name": "app", "permissions": rights,
                    "secrets": [
                        [
                            "name": "orders-client-secret", "valueFrom": "application:orders-api",
                            "expiresInSeconds": options.expiresInSeconds,
                        ],
                        [
                            "name": "orders-database", "template": template,
                            "valueFrom": "file:\(folder.file("first-password"))",
                            "expiresInSeconds": options.expiresInSeconds,
                        ],
                    ] as [[String: Any]],
                ],
                ["name": "staging", "permissions": rights],
            ],
            "automation": automation(options.runbook),
        ]
    }

    /// A runbook whose hosts are silent until a test says that they are there.
    private static func automation(_ script: String) -> [String: Any] {
        let host: [String: Any] = ["name": "host", "lastSeenSecondsAgo": 86_400]
        return [
            "runbooks": [["name": "hosts", "inline": script]],
            "workerGroups": [["name": "hosts", "workers": [host]] as [String: Any]],
        ]
    }
}
