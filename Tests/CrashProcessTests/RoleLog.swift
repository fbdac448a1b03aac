import RealParts

/// Every change of a role, as PostgreSQL's own log has it.
struct RoleLog: Sendable {
    private let file: GrowingFile

    /// Has the server log every change from now on.
    static func start(_ postgres: PrivatePostgres) async throws -> RoleLog {
        try await postgres.psql("ALTER SYSTEM SET log_statement = 'ddl'")
        try await postgres.psql("SELECT pg_reload_conf()")
        try await eventually("log_statement is ddl") {
            try await postgres.psql("SHOW log_statement") == "ddl"
        }
        return RoleLog(file: GrowingFile(postgres.logPath) { $0.contains("ALTER ROLE") })
    }

    /// The statements about one of `roles`, in their order.
    func changes(of roles: [String]) throws -> [String] {
        try file.lines().filter { line in roles.contains { line.contains("\"\($0)\"") } }
    }
}
