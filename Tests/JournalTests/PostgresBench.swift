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
}
