import Foundation
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Synchronization

/// A schema of its own for one test, on the private server that all tests share.
struct PostgresBench: Sendable {
    private static let count = Atomic(0)

    let server: PrivatePostgres
    let schema: String

    static func make(on server: PrivatePostgres? = nil) async throws -> PostgresBench {
        let chosen: PrivatePostgres
        if let server { chosen = server } else { chosen = try await .shared() }
        let number = count.add(1, ordering: .relaxed).newValue
        return PostgresBench(server: chosen, schema: "journal_\(number)")
    }

    /// Settings that lead to the schema; claims go by `claimClock`, or by the database's.
    func settings(
        claimClock: (any Clock)? = nil,
        replicaSeconds: Double = 60,
        user: String = "postgres",
        password: String? = nil
    ) -> PostgresJournalSettings {
        let password = password ?? server.password
        return PostgresJournalSettings(
            host: server.host,
            port: server.port,
            database: "postgres",
            user: user,
            tls: .disabled,
            schema: schema,
            replicaSeconds: replicaSeconds,
            beatSeconds: 0.1,
            claimClock: claimClock
        ) { Secret(copying: password.utf8) }
    }

    func open(
        _ clock: any Clock,
        goesBy claimClock: (any Clock)? = nil,
        replicaSeconds: Double = 60
    ) async throws -> PostgresJournal {
        let settings = settings(claimClock: claimClock, replicaSeconds: replicaSeconds)
        return try await PostgresJournal.open(settings, clock: clock)
    }

    /// What `statements` answer, in the journal's schema.
    func psql(_ statements: String) async throws -> String {
        try await server.psql("SET search_path TO \(schema);\n\(statements)")
    }

    /// A session of an older worker, or of a person, in the journal's schema.
    func session() async throws -> PostgresConnection {
        let settings = PostgresSettings(
            host: server.host,
            port: server.port,
            database: "postgres",
            user: server.user,
            password: Secret(copying: server.password.utf8),
            tls: .disabled,
            // It holds a transaction open for as long as a test looks at what that leads to.
            limits: PostgresLimits(statementSeconds: 120, lockSeconds: 120, callSeconds: 120)
        )
        let connection = try await PostgresConnection.open(settings)
        try await connection.run("SET search_path TO \(schema)")
        return connection
    }
}

extension PostgresConnection {
    /// Makes statements that answer nothing, one after the other.
    nonisolated func run(_ statements: String...) async throws {
        try await perform { (own) throws(PostgresFailure) in
            for statement in statements { _ = try own.query(statement) }
        }
    }
}
