import CrashSupport
import Foundation
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyWorker
import StandInParts
import Synchronization

@testable import crashing_worker

/// The real parts that all worlds of a sweep share.
struct ProcessParts: Sendable {
    let broker: PrivateRabbitMQ
    let postgres: PrivatePostgres
    let azure: StandIn
    let azureLog: StandInLog
    let observer: PostgresObserver
    let roleLog: RoleLog

    /// Those of all sweeps: one is under way at a time.
    static let shared = Task { try await start() }

    /// One of the stand-in's own.
    private static let runbook = "update-hosts"
    /// The worker's, in a vault that a world makes.
    private static let rights = ["rekey": ["get", "list", "set"]]
    private static let worlds = Atomic(0)

    private static func start() async throws -> ProcessParts {
        async let broker = PrivateRabbitMQ.shared()
        async let postgres = PrivatePostgres.shared()
        async let azure = StandIn.start()
        return try await ProcessParts(
            broker: broker,
            postgres: postgres,
            azure: azure,
            azureLog: StandInLog(of: azure),
            observer: PostgresObserver(postgres),
            roleLog: RoleLog.start(postgres)
        )
    }

    /// Makes the virtual hosts in which the worlds of these lanes have their queues.
    func makeLanes(_ count: Int) async throws {
        for lane in 0..<count { try await broker.makeVirtualHost(Self.virtualHost(lane)) }
    }

    private static func virtualHost(_ lane: Int) -> String { "crash-\(lane)" }

    /// A world of its own on these parts, in which one credential is due.
    ///
    /// Worlds of one lane have its queues in turn: to make them takes longer than a rotation.
    func makeWorld(
        _ strategy: Strategy,
        lane: Int,
        planted: PlantedMistake?,
        sharesJournal: Bool = false,
        pace: WorldFile.Pace? = nil
    ) async throws -> ProcessWorld {
        let directory = try TemporaryDirectory("crash")
        let number = Self.worlds.add(1, ordering: .relaxed).newValue
        let name = "crash-\(strategy)-\(number)".lowercased()
        var file = WorldFile(
            broker: WorldFile.Broker(
                host: broker.host,
                port: broker.port,
                virtualHost: Self.virtualHost(lane),
                user: broker.user,
                passwordFile: try directory.write(broker.password, to: "broker")
            ),
            azure: try access(to: try await azure.makeVault(name, permissions: Self.rights)),
            strategy: strategy,
            journal: directory.file("journal.sqlite"),
            journalDatabase: sharesJournal ? try journalDatabase(name, directory) : nil,
            workloads: directory.path,
            trace: directory.file("trace"),
            planted: planted,
            pace: pace
        )
        let document = try await makeTarget(of: &file, name, directory)
        for carrier in file.definition.carriers {
            try await place(document, as: carrier.reference.name.text, in: name)
        }
        return try await ProcessWorld(
            name: name,
            file: file,
            roles: file.postgres == nil ? nil : observer,
            directory: directory
        )
    }

    /// Puts what a file holds into a vault, as a secret that is near its end.
    private func place(_ file: String, as secret: String, in vault: String) async throws {
        let declared: [String: Any] = [
            "name": secret, "valueFrom": "file:\(file)", "expiresInSeconds": 3_600,
        ]
        try await azure.control(.put, "/vaults/\(vault)/secrets/\(secret)", declared)
    }

    /// Makes the target that the strategy needs, and answers a file with its first document.
    private func makeTarget(
        of file: inout WorldFile,
        _ name: String,
        _ directory: TemporaryDirectory
    ) async throws -> String {
        switch file.strategy {
        case .replace, .alternate:
            let count = file.strategy == .replace ? 1 : 2
            let (roles, document) = try await makeRoles(name, count, directory)
            file.postgres = roles
            return try directory.write(document, to: "document")
        case .addThenRemove:
            let application = try await azure.makeApplication(name)
            file.applicationID = application.appId
            return application.passwordFiles?.first ?? ""
        case .dualKey:
            let path = directory.file("keys")
            file.keys = path
            let value = try LoggedKeys.make(at: path, slots: ["key1", "key2"])
            return try directory.write(value, to: "document")
        case .valueOnly: return try directory.write(TestPassword.make(), to: "document")
        }
    }

    /// The stand-in as the worker's own identity sees it.
    private func access(to vaultURL: String) throws -> WorldFile.Azure {
        let facts = azure.facts
        guard let rekey = facts.applications["rekey"], let password = rekey.passwordFiles?.first
        else { throw PartFailure("the stand-in has no application rekey") }
        return WorldFile.Azure(
            authority: facts.authority,
            graph: facts.graph,
            resourceManager: facts.arm,
            tenant: facts.tenant,
            client: rekey.appId,
            secretFile: password,
            trustFile: facts.ca,
            vaultURL: vaultURL,
            automation: WorldFile.Automation(
                subscription: facts.subscription,
                resourceGroup: facts.resourceGroup,
                account: facts.automationAccount,
                runbook: Self.runbook
            )
        )
    }

    /// A journal in a schema of its own, on the server that has the roles too.
    private func journalDatabase(
        _ name: String,
        _ directory: TemporaryDirectory
    ) throws -> WorldFile.JournalDatabase {
        WorldFile.JournalDatabase(
            host: postgres.host,
            port: postgres.port,
            user: postgres.user,
            passwordFile: try directory.write(postgres.password, to: "journal-password"),
            schema: name.replacing("-", with: "_")
        )
    }

    /// Empties the queues of a lane for its next world, and says what should not have been there.
    func empty(_ virtualHost: String) async throws -> [String] {
        var left: [String] = []
        try await eventually("nobody uses the queues of \(virtualHost)") {
            let queues = try await broker.listQueues(virtualHost)
            guard queues.values.allSatisfy({ $0.consumers == 0 && $0.unacknowledged == 0 }) else {
                return false
            }
            left = queues.filter { $0.value.messages > 0 }.map(\.key)
            return true
        }
        for queue in left { try await broker.purgeQueue(queue, virtualHost: virtualHost) }
        return left.filter { $0.hasPrefix(SagaBus.parked("")) }.map { "a message is in \($0)" }
    }

    /// One role or two, of which the first has a password, and the document that names it.
    private func makeRoles(
        _ name: String,
        _ count: Int,
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
            accounts: Array(["a_\(suffix)", "b_\(suffix)"].prefix(count)),
            owner: count == 1 ? nil : "owner_\(suffix)"
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
