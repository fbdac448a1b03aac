import CrashSupport
import Foundation
import PostgresTarget
import RealParts
import RekeyCore

@testable import crashing_worker

/// The real parts that all worlds of a sweep share.
struct ProcessParts: Sendable {
    let broker: PrivateRabbitMQ
    let postgres: PrivatePostgres
    let azure: StandIn

    static func start() async throws -> ProcessParts {
        async let broker = PrivateRabbitMQ.shared()
        async let postgres = PrivatePostgres.shared()
        async let azure = StandIn()
        let parts = try await ProcessParts(broker: broker, postgres: postgres, azure: azure)
        try await parts.postgres.logAllStatements(true)
        return parts
    }

    /// A world of its own on these parts, in which one credential is due.
    func makeWorld(_ name: String, _ strategy: Strategy) async throws -> ProcessWorld {
        let directory = try TemporaryDirectory("crash")
        try await broker.makeVirtualHost(name)
        let broker = WorldFile.Broker(
            host: broker.host,
            port: broker.port,
            virtualHost: name,
            user: broker.user,
            passwordFile: try directory.write(broker.password, to: "broker")
        )
        var secret: [String: Any] = ["name": WorldFile.secret]
        var postgres: WorldFile.Postgres?
        var application: StandIn.Application?
        if strategy == .alternate {
            let (roles, document) = try await makeRoles(name, directory)
            postgres = roles
            secret["valueFrom"] = "file:\(try directory.write(document, to: "document"))"
        } else {
            application = try await azure.makeApplication(name)
            secret["valueFrom"] = "file:\(application?.passwordFiles?.first ?? "")"
        }
        let facts = azure.facts
        guard let rekey = facts.applications["rekey"], let password = rekey.passwordFiles?.first
        else { throw PartFailure("the stand-in has no application rekey") }
        let file = WorldFile(
            broker: broker,
            azure: WorldFile.Azure(
                authority: facts.authority,
                graph: facts.graph,
                resourceManager: facts.arm,
                tenant: facts.tenant,
                client: rekey.appId,
                secretFile: password,
                trustFile: facts.ca,
                vaultURL: try await azure.makeVault(name, secret)
            ),
            postgres: postgres,
            applicationID: application?.appId,
            journal: directory.file("journal.sqlite"),
            workload: directory.file("workload.json"),
            trace: directory.file("trace")
        )
        return try await ProcessWorld(name: name, file: file, directory: directory)
    }

    /// Two roles, of which the first has a password, and the document that names it.
    private func makeRoles(
        _ name: String,
        _ directory: TemporaryDirectory
    ) async throws -> (WorldFile.Postgres, String) {
        let suffix = name.replacing("-", with: "_")
        let (password, initial) = (TestPassword.make(), TestPassword.make())
        let roles = WorldFile.Postgres(
            host: postgres.tlsHost,
            port: postgres.port,
            trustFile: postgres.caPath,
            administrator: "rotator_\(suffix)",
            passwordFile: try directory.write(password, to: "administrator"),
            accounts: ["a_\(suffix)", "b_\(suffix)"],
            owner: "owner_\(suffix)"
        )
        try await postgres.psql(
            "CREATE ROLE \"\(roles.administrator)\" LOGIN PASSWORD '\(password)';\n"
                + PostgresTarget(roles.settings).initialiseSQL()
                + "ALTER ROLE \"\(roles.accounts[0])\" LOGIN PASSWORD '\(initial)';"
        )
        let place = "\(roles.host):\(roles.port)/postgres"
        return (roles, "postgres://\(roles.accounts[0]):\(initial)@\(place)")
    }
}
